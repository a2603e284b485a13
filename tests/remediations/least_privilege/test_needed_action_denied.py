"""What was taken from a policy and is refused since comes back, and nothing else."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from moto.cloudtrail.models import cloudtrail_backends

from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.event_history import EventHistory
from bot.errors import PlanError
from bot.model import Finding, Manual, Narrowed, Part, Plan, Protection, Risk, Snapshot
from bot.policy import compare, parse_document, with_actions_of
from remediations.least_privilege import needed_action_denied as control
from tests.remediations.acting import apply_and_undo
from tests.remediations.contract import NOW
from tests.remediations.looking import look as look_for

SETTINGS = {"enabled": True}
PARTS = frozenset({Part.POLICY_DENIALS})
WHO = "etl+bot,1@example.org"
WHY = "because no identity-based policy allows the action"
QUEUES = "arn:aws:sqs:*:*:etl-*"


def allowing(*actions: str, resource: str = QUEUES, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


BEFORE = allowing("sqs:*", Sid="Queues")
AFTER = allowing("sqs:SendMessage", "sqs:List*", Sid="Queues")


def _narrowed(
    account: AccountBuilder,
    age: timedelta,
    action: str = "sqs:PurgeQueue",
    *,
    why: str = WHY,
    before: dict[str, Any] = BEFORE,
) -> str:
    account.user(WHO, created=account.ago(days=300), tags={"owner": "a@example.org"})
    account.key(WHO, created=account.ago(days=40), last_used=account.ago(hours=5))
    account.group("etl", members=[WHO])
    made = account.ago(days=200)
    arn = account.policy("etl", AFTER, created=made, older_versions=[before])
    newest = account.iam.managed_policies[arn].versions[-1]
    newest.create_date = (account.now - age).replace(tzinfo=None)
    account.attach(arn, group="etl")
    account.refused(action, WHO, why=why, at=account.ago(hours=5))
    return arn


def seed(account: AccountBuilder) -> None:
    """Purging queues was taken a week ago, and somebody tried it today."""
    _narrowed(account, timedelta(days=7))


def just_within(account: AccountBuilder) -> None:
    """The version was put in force exactly 30 days ago."""
    _narrowed(account, timedelta(days=30))


def just_beyond(account: AccountBuilder) -> None:
    """The version was put in force a second less than 30 days ago."""
    _narrowed(account, timedelta(days=30) - timedelta(seconds=1))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account(NOW) as account:
        yield account


def look(account: AccountBuilder, protection: Protection | None = None) -> Snapshot:
    return look_for(account, protection, more=PARTS)


def found(account: AccountBuilder) -> list[Finding]:
    return list(control.detect(look(account), control.CONTROL.settings()))


def planned(account: AccountBuilder, protection: Protection | None = None) -> Plan | Manual:
    snapshot, settings = look(account, protection), control.CONTROL.settings()
    (finding,) = control.detect(snapshot, settings)
    return control.plan(finding, snapshot, settings)


@pytest.mark.parametrize(
    ("action", "why", "expected"),
    [
        pytest.param("sqs:PurgeQueue", WHY, True, id="what was taken"),
        pytest.param("sqs:ListQueues", WHY, False, id="what is still allowed"),
        pytest.param("s3:PutBucketAcl", WHY, False, id="what never was allowed"),
        pytest.param(
            "sqs:PurgeQueue",
            "with an explicit deny in an identity-based policy",
            False,
            id="what a policy denies",
        ),
        pytest.param(
            "sqs:PurgeQueue",
            "because no service control policy allows the action",
            False,
            id="what the organization refuses",
        ),
        pytest.param("sqs:PurgeQueue", "", False, id="nobody knows why"),
    ],
)
def test_only_what_was_taken_and_is_missed(
    account: AccountBuilder, action: str, why: str, expected: bool
) -> None:
    _narrowed(account, timedelta(days=7), action, why=why)
    assert bool(found(account)) is expected


def test_a_refusal_from_before_the_change_is_not_put_down_to_it(account: AccountBuilder) -> None:
    arn = _narrowed(account, timedelta(days=7), "sqs:ListQueues")
    account.refused("sqs:PurgeQueue", WHO, why=WHY, at=account.ago(days=9))
    assert not found(account)
    assert arn


def test_just_that_comes_back_on_the_old_terms(account: AccountBuilder) -> None:
    """The same resources, and no more than the two versions allowed together."""
    seed(account)
    fix = planned(account)
    assert isinstance(fix, Plan)
    assert control.CONTROL.adds_rights
    assert fix.risk is Risk.REVERSIBLE
    for _ in apply_and_undo(account, fix):
        (policy,) = look(account).customer_policies
        queues, given = json.loads(policy.default.text)["Statement"]
        assert queues == AFTER["Statement"][0]
        assert given == {"Effect": "Allow", "Action": ["sqs:PurgeQueue"], "Resource": QUEUES}
        assert not found(account)


def test_conditions_of_before_come_along() -> None:
    """Nothing is given without the condition that it was under."""
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    before = parse_document(allowing("sqs:*", Condition=condition), where="p")
    now = parse_document(AFTER, where="p")
    new = with_actions_of(now, before, {"sqs:PurgeQueue"})
    assert new["Statement"][-1]["Condition"] == condition
    assert compare([before, now], [parse_document(new, where="p")]).never_wider


def _of_role(account: AccountBuilder, began: timedelta, session: str = "ci@42") -> str:
    """A role that has the narrowed policy, and a session of it."""
    arn = _narrowed(account, timedelta(days=7), "sqs:ListQueues")
    account.role("app")
    account.attach(arn, role="app")
    account.took_on("app", session, at=account.now - began)
    return arn


def test_what_sessions_of_roles_miss_comes_back_too(account: AccountBuilder) -> None:
    """They are found by the calls that began them."""
    _of_role(account, timedelta(hours=6))
    account.refused_session("sqs:PurgeQueue", "app", "ci@42", at=account.ago(hours=5))
    (finding,) = found(account)
    assert finding.summary.endswith("last to session ci@42 of role app")
    assert finding.evidence["roles_partly_looked_up"] == 0
    fix = planned(account)
    assert isinstance(fix, Plan)
    for _ in apply_and_undo(account, fix):
        assert not found(account)


@pytest.mark.parametrize(
    ("began", "seen"),
    [(timedelta(days=7, hours=12), True), (timedelta(days=7, hours=12, seconds=1), False)],
    ids=["may last still", "is over"],
)
def test_sessions_from_before_the_change(
    account: AccountBuilder, began: timedelta, *, seen: bool
) -> None:
    """A session lasts 12 hours at most, so older ones are not looked up."""
    _of_role(account, began)
    account.refused_session("sqs:PurgeQueue", "app", "ci@42", at=account.ago(days=6, hours=23))
    assert bool(found(account)) is seen


def test_another_roles_session_of_the_same_name_counts_for_nothing(
    account: AccountBuilder,
) -> None:
    """Nor does a role that was deleted and made anew: ids tell them apart."""
    _of_role(account, timedelta(hours=6))
    account.role("other")
    account.refused_session("sqs:PurgeQueue", "other", "ci@42", at=account.ago(hours=5))
    account.refused("sqs:PurgeQueue", WHO, why="because no service control policy", at=account.now)
    assert not found(account)


def test_a_refused_assumption_begins_no_session(account: AccountBuilder) -> None:
    """What somebody was refused to assume has no sessions."""
    _of_role(account, timedelta(hours=6))
    home = cloudtrail_backends[account.account_id]["us-east-1"]
    assert isinstance(home, EventHistory)
    for event in home.events:
        record = json.loads(event["CloudTrailEvent"])
        if record["eventName"] == "AssumeRole":
            event["CloudTrailEvent"] = json.dumps({**record, "errorCode": "AccessDenied"})
    account.refused_session("sqs:PurgeQueue", "app", "ci@42", at=account.ago(hours=5))
    assert not found(account)


@pytest.mark.parametrize(("more", "partly"), [(19, 0), (20, 1)])
def test_a_role_with_more_sessions_is_said_to_be_looked_up_in_part(
    account: AccountBuilder, more: int, partly: int
) -> None:
    """The newest 20 are; there it is missed."""
    _of_role(account, timedelta(minutes=1))
    for number in range(more):
        account.took_on("app", f"s{number}", at=account.ago(hours=number + 1))
    account.refused_session("sqs:PurgeQueue", "app", "ci@42", at=account.now)
    (finding,) = found(account)
    assert finding.evidence["roles_partly_looked_up"] == partly


def _inline(account: AccountBuilder, kind: str, age: timedelta = timedelta(days=7)) -> None:
    """An inline policy that Locksmith narrowed, and what its user, member or session misses."""
    late = account.ago(hours=5)
    if kind == "role":
        account.role("app")
        account.took_on("app", "ci", at=account.ago(hours=6))
        account.refused_session("sqs:PurgeQueue", "app", "ci", at=late)
    else:
        account.user("app")
        account.refused("sqs:PurgeQueue", "app", why=WHY, at=late)
    name = "team" if kind == "group" else "app"
    if kind == "group":
        account.group("team", members=["app"])
    account.inline("own", AFTER, **{kind: name})
    kinds = {"user": account.iam.users, "role": account.iam.roles, "group": account.iam.groups}
    holder = next(each for each in kinds[kind].values() if each.name == name)
    texts = (json.dumps(BEFORE), json.dumps(AFTER))
    vars(account)["narrowed"] = (Narrowed(holder.id, "own", *texts, account.now - age),)


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_what_is_missed_of_an_inline_policy_comes_back(account: AccountBuilder, kind: str) -> None:
    """By what Locksmith remembers of its own changes: AWS keeps no versions of those."""
    _inline(account, kind)
    (finding,) = found(account)
    assert finding.subject.endswith("/inline/own/missed")
    assert finding.resource.type == kind
    fix = planned(account)
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.REVERSIBLE
    for _ in apply_and_undo(account, fix):
        snapshot = look(account)
        holders = [*snapshot.users, *snapshot.groups, *snapshot.roles]
        (policy,) = [each for holder in holders for each in holder.inline]
        queues, given = json.loads(policy.text)["Statement"]
        assert queues == AFTER["Statement"][0]
        assert given == {"Effect": "Allow", "Action": ["sqs:PurgeQueue"], "Resource": QUEUES}
        assert not found(account)


@pytest.mark.parametrize(
    ("age", "seen"),
    [(timedelta(days=30), False), (timedelta(days=30) - timedelta(seconds=1), True)],
)
def test_an_inline_policy_that_was_narrowed_long_ago(
    account: AccountBuilder, age: timedelta, *, seen: bool
) -> None:
    _inline(account, "user", age)
    assert bool(found(account)) is seen


def test_an_inline_policy_that_people_wrote_since_is_theirs(account: AccountBuilder) -> None:
    """So is one that is gone, or whose holder is."""
    _inline(account, "user")
    account.inline("own", allowing("sqs:SendMessage"), user="app")
    assert not found(account)
    account.iam.delete_user_policy("app", "own")
    assert not found(account)
    (known,) = vars(account)["narrowed"]
    vars(account)["narrowed"] = (replace(known, holder_id="AIDAGONE"),)
    assert not found(account)


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_no_right_goes_to_an_inline_policy_of_whom_people_protect(
    account: AccountBuilder, kind: str
) -> None:
    _inline(account, kind)
    fix = planned(account, Protection(protected=("*:*/app",)))
    assert isinstance(fix, Manual)
    assert "protected list" in fix.reason


def test_no_right_goes_to_whom_people_protect(account: AccountBuilder) -> None:
    seed(account)
    fix = planned(account, Protection(protected=(f"*:user/{WHO}",)))
    assert isinstance(fix, Manual)
    assert "protected list" in fix.reason


def test_what_the_version_before_allowed_must_be_readable(account: AccountBuilder) -> None:
    """AWS's language may come to have words that nobody here knows."""
    unknown = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Unless": "tomorrow"}
    before = {"Version": "2012-10-17", "Statement": [unknown]}
    _narrowed(account, timedelta(days=7), before=before)
    assert not found(account)


@pytest.mark.parametrize("text", ["before", "now"])
def test_what_was_noted_of_an_inline_policy_must_be_readable(
    account: AccountBuilder, text: str
) -> None:
    _inline(account, "user")
    (known,) = vars(account)["narrowed"]
    vars(account)["narrowed"] = (replace(known, **{text: "{}"}),)
    assert not found(account)


def test_an_inline_policy_that_is_gone_beside_another(account: AccountBuilder) -> None:
    _inline(account, "user")
    account.inline("other", AFTER, user="app")
    account.iam.delete_user_policy("app", "own")
    assert not found(account)


def test_what_is_allowed_again_meanwhile_needs_no_plan(account: AccountBuilder) -> None:
    arn = _narrowed(account, timedelta(days=7))
    (finding,) = found(account)
    account.iam.create_policy_version(arn, json.dumps(BEFORE), set_as_default=True)
    with pytest.raises(PlanError, match="nothing of etl is missed any more"):
        control.plan(finding, look(account), control.CONTROL.settings())
