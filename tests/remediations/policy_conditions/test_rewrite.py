"""What holds for every rewritten policy: never wider, room for it, nobody hit who is protected."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Finding, Manual, Part, Plan, Protection, Severity, Snapshot
from bot.policy import document_size
from remediations.policy_conditions._rewrite import rewrite, take_away
from remediations.policy_conditions._written import Written, written
from tests.remediations.acting import snapshot_of
from tests.remediations.policy_conditions.documents import allow, by_hand, fixed, policy

READ = allow("s3:GetObject", "arn:aws:s3:::harbour/*")
LESS = policy(allow("s3:GetObject", "arn:aws:s3:::harbour/a"))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def rewritten(
    snapshot: Snapshot, new: dict[str, Any], name: str = "p", *, away: bool = False
) -> Plan | Manual:
    """The fix of a finding about the policy of this name."""
    one: Written = next(each for each in written(snapshot) if each.name == name)
    finding = Finding("c", one.subject, one.resource, Severity.LOW, "s")
    if away:
        return take_away(finding, one, snapshot, "s")
    return rewrite(finding, one, new, snapshot, summary="s", breaks=())


@pytest.mark.parametrize(
    ("new", "plan"),
    [
        pytest.param(LESS, True, id="less"),
        pytest.param(policy(READ), True, id="the same"),
        pytest.param(policy(allow("s3:GetObject")), False, id="more resources"),
        pytest.param(policy(allow("s3:*", READ["Resource"])), False, id="more actions"),
        pytest.param(policy(READ, allow("s3:PutObject")), False, id="one more"),
    ],
)
def test_what_may_be_wider_is_never_written(
    account: AccountBuilder, new: dict[str, Any], plan: bool
) -> None:
    account.policy("p", policy(READ))

    fix = rewritten(snapshot_of(account), new)

    assert isinstance(fix, Plan) is plan
    assert plan or "allows nothing more" in by_hand(fix).reason


def test_a_condition_less_is_wider(account: AccountBuilder) -> None:
    account.policy("p", policy({**READ, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}))

    assert isinstance(rewritten(snapshot_of(account), policy(READ)), Manual)


@pytest.mark.parametrize("away", [True, False])
def test_members_of_a_group_may_be_protected(account: AccountBuilder, away: bool) -> None:
    account.user("ann")
    account.group("g", members=["ann"], attached=[account.policy("p", policy(READ))])

    snapshot = snapshot_of(account, Protection(protected=("*:user/ann",)))

    assert "user ann" in by_hand(rewritten(snapshot, LESS, away=away)).reason
    assert isinstance(rewritten(snapshot_of(account), LESS, away=away), Plan)


@pytest.mark.parametrize(("room", "plan"), [(0, True), (-1, False)])
def test_room_in_a_managed_policy(account: AccountBuilder, room: int, plan: bool) -> None:
    account.policy("p", policy(READ))
    account.quota("PolicySizeQuota", document_size(LESS) + room)

    assert isinstance(rewritten(snapshot_of(account), LESS), Plan) is plan


@pytest.mark.parametrize(("room", "plan"), [(0, True), (-1, False)])
def test_inline_policies_share_their_room(account: AccountBuilder, room: int, plan: bool) -> None:
    account.role("r")
    account.inline("p", policy(READ), role="r")
    account.inline("q", policy(READ), role="r")
    snapshot = snapshot_of(account)
    both = document_size(LESS) + document_size(policy(READ))
    summary = {**snapshot.account_summary, "RolePolicySizeQuota": both + room}
    snapshot = replace(snapshot, parts={**snapshot.parts, Part.ACCOUNT_SUMMARY: summary})

    assert isinstance(rewritten(snapshot, LESS), Plan) is plan


@pytest.mark.parametrize(("versions", "plan"), [(4, True), (5, False)])
def test_room_for_a_version(account: AccountBuilder, versions: int, plan: bool) -> None:
    older = [policy(READ)] * (versions - 1)
    account.policy("p", policy(READ), older_versions=older)

    assert isinstance(rewritten(snapshot_of(account), LESS), Plan) is plan


def test_what_locksmith_placed_and_what_aws_keeps_is_left_out(account: AccountBuilder) -> None:
    account.user("ann")
    account.inline("Locksmith-Fence", policy(READ), user="ann")
    account.role("AWSReservedSSO_x", path="/aws-reserved/sso.amazonaws.com/")
    account.inline("p", policy(READ), role="AWSReservedSSO_x")
    account.attach("ReadOnlyAccess", user="ann")

    assert list(written(snapshot_of(account))) == []


def test_the_old_version_is_the_undo(account: AccountBuilder) -> None:
    account.policy("p", policy(READ))
    made, put = fixed(rewritten(snapshot_of(account), LESS)).steps

    assert (made.do.operation, made.do.params["SetAsDefault"]) == ("CreatePolicyVersion", False)
    assert put.undo is not None
    assert (put.undo.operation, put.undo.params["VersionId"]) == ("SetDefaultPolicyVersion", "v1")
