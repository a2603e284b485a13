"""What was taken from a policy and is refused since comes back, and nothing else."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Finding, Manual, Part, Plan, Protection, Risk, Snapshot
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


def test_what_roles_miss_is_said_to_be_unknown(account: AccountBuilder) -> None:
    arn = _narrowed(account, timedelta(days=7))
    account.role("app")
    account.attach(arn, role="app")
    (finding,) = found(account)
    assert finding.evidence["roles_not_looked_up"] == 1


def test_no_right_goes_to_whom_people_protect(account: AccountBuilder) -> None:
    seed(account)
    fix = planned(account, Protection(protected=(f"*:user/{WHO}",)))
    assert isinstance(fix, Manual)
    assert "protected list" in fix.reason
