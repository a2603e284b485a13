"""The errors that AWS IAM answers with and moto has no class for.

A class's `code` is AWS's wire code; moto looks up the HTTP status for it in botocore's model of
the operation. https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from moto.iam.exceptions import IAMException


class UnmodifiableEntity(IAMException):
    """Only the service that owns the role may change it."""

    code = "UnmodifiableEntity"


class PolicyNotAttachable(IAMException):
    """A policy for service-linked roles can't be attached by a customer."""

    code = "PolicyNotAttachable"


class PasswordPolicyViolation(IAMException):
    """The password is weaker than the account's policy demands."""

    code = "PasswordPolicyViolation"


class ReportExpired(IAMException):
    """The newest credential report is more than four hours old."""

    code = "ReportExpired"


class ReportInProgress(IAMException):
    """The credential report is still being written."""

    code = "ReportInProgress"
