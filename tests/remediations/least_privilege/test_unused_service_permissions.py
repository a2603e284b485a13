"""Services that nobody uses go out of a policy; what can't be told stays."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.errors import PlanError
from bot.model import CONSOLE_FENCE, Finding, Manual, Part, Plan, Protection, Risk, Snapshot
from remediations.least_privilege import unused_action_permissions as actions
from remediations.least_privilege import unused_service_permissions as control
from tests.remediations.acting import apply_and_undo, stopped_by
from tests.remediations.contract import NOW
from tests.remediations.looking import look as look_for

SETTINGS = {"enabled": True}
PARTS = frozenset({Part.POLICY_USE})
WHO = "etl+bot,1@example.org"
OLD, USED = 400, 3


def allowing(*actions: str, **more: Any) -> dict[str, Any]:
    """A document of one Allow."""
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _policy(account: AccountBuilder, *, used: timedelta) -> str:
    """A role that tries S3 every day, and last tried SQS so long ago."""
    made = account.ago(days=OLD)
    account.role(WHO, created=made, last_used=account.ago(days=1))
    document = allowing("s3:Get*", "sqs:*")
    arn = account.policy("etl", document, created=made)
    account.attach(arn, role=WHO)
    account.use_action(WHO, "s3:GetBucketAcl", at=account.ago(days=USED))
    account.use_action(WHO, "sqs:ListQueues", at=account.now - used)
    for name in ("neighbour", "neighbour+one,two@example.org"):
        if name in account.iam.users:
            account.use_action(name, "s3:GetObject", at=account.ago(days=USED))
    return arn


def seed(account: AccountBuilder) -> None:
    """Rights to SQS, which nobody tried for four months."""
    _policy(account, used=timedelta(days=120))


def just_within(account: AccountBuilder) -> None:
    """SQS was tried exactly 90 days ago."""
    _policy(account, used=timedelta(days=90))


def just_beyond(account: AccountBuilder) -> None:
    """SQS was tried 90 days and a second ago."""
    _policy(account, used=timedelta(days=90, seconds=1))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account(NOW) as account:
        yield account


def look(account: AccountBuilder, protection: Protection | None = None) -> Snapshot:
    return look_for(account, protection, more=PARTS)


def found(snapshot: Snapshot, **settings: Any) -> list[Finding]:
    return list(control.detect(snapshot, control.CONTROL.settings(**settings)))


def planned(snapshot: Snapshot, **settings: Any) -> Plan | Manual:
    (finding,) = found(snapshot, **settings)
    return control.plan(finding, snapshot, control.CONTROL.settings(**settings))


def fixed(fix: Plan | Manual) -> Plan:
    assert isinstance(fix, Plan), fix
    return fix


def statements(account: AccountBuilder) -> Any:
    (policy,) = look(account).customer_policies
    return json.loads(policy.default.text)["Statement"]


def test_what_was_used_stays_and_what_was_not_goes(account: AccountBuilder) -> None:
    """S3 was tried lately; undone, the old version is in force again."""
    seed(account)
    fix = fixed(planned(look(account)))
    assert [step.name for step in fix.steps] == ["create-version", "set-default"]
    assert fix.risk is Risk.DISRUPTIVE
    for _ in apply_and_undo(account, fix):
        (only,) = statements(account)
        assert only["Action"] == ["s3:Get*"]
        assert not found(look(account))


def test_pass_role_stays_though_all_of_iam_went_unused(account: AccountBuilder) -> None:
    made = account.ago(days=OLD)
    account.role("r", created=made, last_used=account.ago(days=1))
    account.attach(
        account.policy("p", allowing("iam:PassRole", "iam:GetRole"), created=made), role="r"
    )
    for _ in apply_and_undo(account, fixed(planned(look(account)))):
        assert statements(account)[0]["Action"] == ["iam:PassRole"]


def test_the_evidence_says_whom_it_touches(account: AccountBuilder) -> None:
    arn = _policy(account, used=timedelta(days=120))
    account.user("ann", created=account.ago(days=OLD))
    account.group("team", members=["ann"], attached=[arn])
    (finding,) = found(look(account))
    assert finding.evidence["reaches"] == [f"role {WHO}", "user ann"]
    assert finding.evidence["held_by"] == ["group team (ann)", f"role {WHO}"]
    assert "sqs:PurgeQueue" in finding.evidence["unused"]  # type: ignore[operator]


def test_one_of_many_who_uses_it_is_enough(account: AccountBuilder) -> None:
    """The report is of all who have the policy, by groups too."""
    arn = _policy(account, used=timedelta(days=120))
    account.user("ann", created=account.ago(days=OLD))
    account.group("team", members=["ann"], attached=[arn])
    account.use_action("ann", "sqs:SendMessage", at=account.ago(days=2))
    assert not found(look(account))


def _young_holder(account: AccountBuilder, arn: str) -> None:
    account.role("new", created=account.ago(days=10))
    account.attach(arn, role="new")


def _young_attachment(account: AccountBuilder, arn: str) -> None:
    account.attached_at(arn, role=WHO, at=account.ago(days=20))


def _young_member(account: AccountBuilder, arn: str) -> None:
    account.user("ann", created=account.ago(days=OLD))
    account.group("team", members=["ann"], attached=[arn])
    account.added("ann", "team", at=account.ago(days=20))


def _nobody(account: AccountBuilder, arn: str) -> None:
    account.iam.detach_role_policy(arn, WHO)


@pytest.mark.parametrize("build", [_young_holder, _young_attachment, _young_member, _nobody])
def test_recent_grants_are_left_alone(account: AccountBuilder, build: Any) -> None:
    """Whoever got the rights lately may not have come to use them yet."""
    build(account, _policy(account, used=timedelta(days=120)))
    assert not found(look(account))


@pytest.mark.parametrize(
    ("before", "removed"),
    [
        pytest.param(allowing("sqs:ListQueues"), ["sqs:ListQueues"], id="some of it is older"),
        pytest.param(allowing("s3:Get*"), [], id="all of it is new"),
        pytest.param(allowing("sqs:*"), "all", id="all of it is older"),
    ],
)
def test_rights_that_only_a_young_version_gives_stay(
    account: AccountBuilder, before: dict[str, Any], removed: Any
) -> None:
    made = account.ago(days=OLD)
    account.role("r", created=made, last_used=account.ago(days=1))
    arn = account.policy("p", allowing("sqs:*"), created=made, older_versions=[before])
    account.attach(arn, role="r")
    newest = account.iam.managed_policies[arn].versions[-1]
    newest.create_date = account.ago(days=30).replace(tzinfo=None)
    seen = found(look(account))
    if removed == "all":
        assert seen
    else:
        assert [each.evidence["unused"] for each in seen] == ([removed] if removed else [])


@pytest.mark.parametrize(("days", "believed"), [(5, True), (6, False)])
def test_reports_older_than_five_days_are_refused(
    account: AccountBuilder, days: int, believed: bool
) -> None:
    seed(account)
    snapshot = look(account)
    uses = snapshot.policy_uses
    aged = {
        policy: replace(use, made=snapshot.taken_at - timedelta(days=days))
        for policy, use in uses.by_policy.items()
    }
    parts = {**snapshot.parts, Part.POLICY_USE: replace(uses, by_policy=aged)}
    assert bool(found(replace(snapshot, parts=parts))) is believed


def test_a_service_that_the_report_does_not_name_stays(account: AccountBuilder) -> None:
    seed(account)
    snapshot = look(account)
    uses = snapshot.policy_uses
    without = {
        policy: replace(use, services={k: v for k, v in use.services.items() if k != "sqs"})
        for policy, use in uses.by_policy.items()
    }
    parts = {**snapshot.parts, Part.POLICY_USE: replace(uses, by_policy=without)}
    assert not found(replace(snapshot, parts=parts))


def test_what_people_leave_alone_stays(account: AccountBuilder) -> None:
    seed(account)
    snapshot = look(account)
    assert not found(snapshot, left_alone=["SQS"])
    (finding,) = found(snapshot, left_alone=["sqs:PurgeQueue"])
    assert "sqs:PurgeQueue" not in finding.evidence["unused"]  # type: ignore[operator]


def test_a_policy_of_which_nothing_was_used_is_taken_away(account: AccountBuilder) -> None:
    """AWS has no policy without a statement: it is detached from everybody, and kept."""
    made = account.ago(days=OLD)
    arn = account.policy("p", allowing("sqs:*"), created=made)
    account.role("r", created=made, last_used=account.ago(days=1))
    account.user("ann", created=made)
    account.group("team", members=["ann"], attached=[arn])
    account.attach(arn, role="r")
    fix = fixed(planned(look(account)))
    assert [step.name for step in fix.steps] == ["detach-1", "detach-2"]
    assert fix.risk is Risk.DISRUPTIVE
    for _ in apply_and_undo(account, fix):
        assert not found(look(account))

    protection = Protection(protected=("*:user/ann",))
    assert isinstance(planned(look(account, protection)), Manual)


def test_what_limits_others_is_left_alone(account: AccountBuilder) -> None:
    """A policy that is somebody's boundary too: what they use is in no report on it."""
    arn = _policy(account, used=timedelta(days=120))
    account.user("ann", created=account.ago(days=OLD))
    account.boundary(arn, user="ann")
    assert not found(look(account))


KINDS = ("user", "group", "role")


def inline(account: AccountBuilder, kind: str, *actions: str) -> str:
    """An inline policy of a user, a role, or a group with a member; S3 was tried lately."""
    made = account.ago(days=OLD)
    user = role = WHO
    if kind == "role":
        account.role(role, created=made, last_used=account.ago(days=1))
    else:
        account.user(user, created=made)
    name = "team" if kind == "group" else WHO
    if kind == "group":
        account.group("team", members=[user])
    account.inline("own", allowing(*actions), **{kind: name})
    account.use_action(WHO, "s3:GetBucketAcl", at=account.ago(days=USED))
    return name


def _inline_actions(account: AccountBuilder, kind: str) -> Any:
    snapshot = look(account)
    holders = {"user": snapshot.users, "group": snapshot.groups, "role": snapshot.roles}[kind]
    (policy,) = next(each.inline for each in holders if each.inline)
    return json.loads(policy.text)["Statement"][0]["Action"]


@pytest.mark.parametrize("kind", KINDS)
def test_inline_policies_are_narrowed_too(account: AccountBuilder, kind: str) -> None:
    """By the report on their holder, of a group by all of its members; undone, as it was."""
    inline(account, kind, "s3:Get*", "sqs:*")
    (finding,) = found(look(account))
    assert finding.resource.type == kind
    assert finding.evidence["inline"] == "own"
    fix = fixed(planned(look(account)))
    assert [step.name for step in fix.steps] == ["narrow"]
    assert fix.risk is Risk.DISRUPTIVE
    for _ in apply_and_undo(account, fix):
        assert _inline_actions(account, kind) == ["s3:Get*"]
        assert not found(look(account))


@pytest.mark.parametrize("kind", KINDS)
def test_an_inline_policy_of_which_nothing_was_used_is_deleted(
    account: AccountBuilder, kind: str
) -> None:
    inline(account, kind, "sqs:*")
    fix = fixed(planned(look(account)))
    assert [step.name for step in fix.steps] == ["delete-inline"]
    for _ in apply_and_undo(account, fix):
        assert not found(look(account))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("days", "judged"), [(89, False), (91, True)])
def test_an_inline_policy_that_was_written_lately_is_left_alone(
    account: AccountBuilder, kind: str, days: int, judged: bool
) -> None:
    """AWS keeps no versions of it: what it allowed before nobody knows."""
    name = inline(account, kind, "s3:Get*", "sqs:*")
    account.attached_at("another", at=account.ago(days=5), **{kind: name})
    account.attached_at("own", at=account.ago(days=days), **{kind: name})
    assert bool(found(look(account))) is judged


def test_who_joined_a_group_lately_keeps_its_inline_policy(account: AccountBuilder) -> None:
    inline(account, "group", "s3:Get*", "sqs:*")
    account.added(WHO, "team", at=account.ago(days=20))
    assert not found(look(account))


def test_fences_and_roles_of_aws_are_left_alone(account: AccountBuilder) -> None:
    inline(account, "role", "s3:Get*")
    account.inline(CONSOLE_FENCE, allowing("sqs:*"), role=WHO)
    account.identity_center_role("Ops", attached=["ReadOnlyAccess"])
    role = next(each for each in account.iam.roles.values() if "Ops" in each.name)
    role.create_date = account.ago(days=OLD).replace(tzinfo=None)
    account.inline("own", allowing("sqs:*"), role=role.name)
    assert not found(look(account))


@pytest.mark.parametrize("kind", KINDS)
def test_an_inline_policy_of_whom_must_not_be_touched_stays(
    account: AccountBuilder, kind: str
) -> None:
    """Of a group where one of its members must not be."""
    inline(account, kind, "s3:Get*", "sqs:*")
    protection = Protection(protected=(f"*:*/{WHO}",))
    fix = planned(look(account, protection))
    assert isinstance(fix, Manual)
    assert "protected list" in fix.reason


def test_another_member_meanwhile_stops_it(account: AccountBuilder) -> None:
    inline(account, "group", "s3:Get*", "sqs:*")
    fix = fixed(planned(look(account)))
    account.user("late")
    client = account.client()

    def join() -> None:
        client.add_user_to_group(GroupName="team", UserName="late")

    assert stopped_by(account, fix, "narrow", join) == ["somebody else is in team"]


def test_what_does_not_fit_any_more_is_for_people(account: AccountBuilder) -> None:
    """AWS counts all inline policies of a holder together; names are longer than a pattern."""
    inline(account, "user", "sqs:*")
    account.use_action(WHO, "sqs:ListQueues", at=account.ago(days=2))
    account.inline("other", allowing("s3:GetObject", Resource=["arn:aws:s3:::b/*"] * 95), user=WHO)
    fix = actions.plan(*_action_finding(account))
    assert isinstance(fix, Manual)
    assert "too long" in fix.reason


def _action_finding(account: AccountBuilder) -> tuple[Finding, Snapshot, Any]:
    snapshot, settings = look(account), actions.CONTROL.settings()
    (finding,) = actions.detect(snapshot, settings)
    return finding, snapshot, settings


def test_full_administration_is_another_controls(account: AccountBuilder) -> None:
    made = account.ago(days=OLD)
    account.role("r", created=made, last_used=account.ago(days=1))
    account.attach(account.policy("p", allowing("*", "sqs:*"), created=made), role="r")
    assert not found(look(account))


def test_room_for_a_version(account: AccountBuilder) -> None:
    """Nothing is deleted to make room: people save the oldest text first."""
    made = account.ago(days=OLD)
    older = [allowing("sqs:*") for _ in range(4)]
    arn = account.policy("p", allowing("s3:Get*", "sqs:*"), created=made, older_versions=older)
    account.role("r", created=made, last_used=account.ago(days=1))
    account.attach(arn, role="r")
    account.use_action("r", "s3:GetBucketAcl", at=account.ago(days=1))
    for version in account.iam.managed_policies[arn].versions:
        version.create_date = made.replace(tzinfo=None)
    fix = planned(look(account))
    assert isinstance(fix, Manual)
    assert any("Save the text" in step for step in fix.steps)


def test_who_must_not_be_touched_keeps_it_for_all(account: AccountBuilder) -> None:
    seed(account)
    protection = Protection(protected=(f"*:role/{WHO}",))
    fix = planned(look(account, protection))
    assert isinstance(fix, Manual)
    assert "protected list" in fix.reason


def test_another_holder_meanwhile_stops_it(account: AccountBuilder) -> None:
    arn = _policy(account, used=timedelta(days=120))
    fix = fixed(planned(look(account)))
    account.role("late")
    said = stopped_by(account, fix, "create-version", lambda: account.attach(arn, role="late"))
    assert said == ["other roles hold etl by now"]


def test_what_was_used_meanwhile_needs_no_plan(account: AccountBuilder) -> None:
    seed(account)
    (finding,) = found(look(account))
    account.use_action(WHO, "sqs:ListQueues", at=account.now)
    with pytest.raises(PlanError, match="are in use by now"):
        control.plan(finding, look(account), control.CONTROL.settings())
