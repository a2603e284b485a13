"""The errors that AWS IAM answers with and moto has no class for.

A class's `code` is AWS's wire code; moto looks up the HTTP status for it in botocore's model of
the operation. https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

from moto.iam.exceptions import IAMException
from werkzeug.exceptions import HTTPException


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


def organization_error(code: str) -> IAMException:
    """One of IAM's errors about organizations, by its code."""
    error = IAMException(code)
    error.code = code
    return error


class JsonAccessDenied(HTTPException):
    """The caller may not do it, as the services that speak JSON say so."""

    code = 400

    def __init__(self, message: str) -> None:
        super().__init__(json.dumps({"__type": "AccessDeniedException", "message": message}))

    def get_headers(self, *_: Any, **__: Any) -> list[tuple[str, str]]:
        """The body is JSON."""
        return [("Content-Type", "application/x-amz-json-1.1")]


class AccessDenied(HTTPException):
    """The caller may not do it. No IAM operation models this error, so it carries its own XML."""

    code = 403

    def __init__(self, message: str) -> None:
        super().__init__(
            "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
            f"<Message>{escape(message)}</Message></Error></ErrorResponse>"
        )

    def get_headers(self, *_: Any, **__: Any) -> list[tuple[str, str]]:
        """The body is XML."""
        return [("Content-Type", "text/xml")]
