"""Actions that nobody uses go out of a policy, as far as AWS tracks them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.errors import PlanError
from bot.model import Finding, Manual, Part, Plan, Protection, ServiceUse, Snapshot
from bot.policy import compare, parse_document
from remediations.least_privilege import unused_action_permissions as control
from remediations.least_privilege import unused_service_permissions as services
from tests.remediations.acting import Acting, apply_and_undo
from tests.remediations.contract import NOW
from tests.remediations.least_privilege.test_unused_service_permissions import allowing
from tests.remediations.looking import look as look_for

SETTINGS = {"enabled": True}
PARTS = frozenset({Part.POLICY_USE})
WHO = "etl+bot,1@example.org"


def _policy(account: AccountBuilder, *actions: str, used: timedelta) -> str:
    """A role that lists queues every day, and last looked one up so long ago."""
    made = account.ago(days=400)
    account.role(WHO, created=made, last_used=account.ago(days=1))
    arn = account.policy("etl", allowing(*actions), created=made)
    account.attach(arn, role=WHO)
    account.use_action(WHO, "sqs:ListQueues", at=account.ago(days=3))
    account.use_action(WHO, "sqs:GetQueueUrl", at=account.now - used)
    return arn


FEW = ("sqs:ListQueues", "sqs:GetQueueUrl", "sqs:SendMessage")


def seed(account: AccountBuilder) -> None:
    """Nobody looked up a queue for four months; sending isn't tracked."""
    _policy(account, *FEW, used=timedelta(days=120))


def just_within(account: AccountBuilder) -> None:
    """The last look-up was exactly 90 days ago."""
    _policy(account, *FEW, used=timedelta(days=90))


def just_beyond(account: AccountBuilder) -> None:
    """The last look-up was 90 days and a second ago."""
    _policy(account, *FEW, used=timedelta(days=90, seconds=1))


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


def actions(account: AccountBuilder) -> Any:
    (policy,) = look(account).customer_policies
    return json.loads(policy.default.text)["Statement"][0]["Action"]


def test_used_and_untracked_actions_stay(account: AccountBuilder) -> None:
    seed(account)
    fix = planned(look(account))
    assert isinstance(fix, Plan)
    for _ in apply_and_undo(account, fix):
        assert actions(account) == ["sqs:ListQueues", "sqs:SendMessage"]
        assert not found(look(account))


def test_a_wildcard_keeps_what_is_left_of_it(account: AccountBuilder) -> None:
    """Never wider than before, by a comparison and by its patterns; sending and reading stay."""
    _policy(account, "sqs:*", used=timedelta(days=1))
    before = [each.default.text for each in look(account).customer_policies]
    fix = planned(look(account))
    assert isinstance(fix, Plan)
    for _ in apply_and_undo(account, fix):
        left = actions(account)
        after = [each.default.text for each in look(account).customer_policies]
        assert {"sqs:ListQueues", "sqs:GetQueueUrl", "sqs:SendMessage"} <= set(left)
        assert "sqs:PurgeQueue" not in left
        difference = compare(
            [parse_document(each, where="p") for each in before],
            [parse_document(each, where="p") for each in after],
        )
        assert difference.never_wider
        assert difference.lost


@pytest.mark.parametrize(
    "service", ["dynamodb:Query", "sns:Publish"], ids=["no action tracked", "not in the table"]
)
def test_a_service_of_which_no_action_is_tracked_stays(
    account: AccountBuilder, service: str
) -> None:
    made = account.ago(days=400)
    account.role("r", created=made, last_used=account.ago(days=1))
    name = service.partition(":")[0]
    account.attach(account.policy("p", allowing(f"{name}:*"), created=made), role="r")
    account.use_action("r", service, at=account.ago(days=2))
    assert not found(look(account))


def test_a_service_that_nobody_uses_is_the_other_controls(account: AccountBuilder) -> None:
    """It asks first: both are about one document."""
    made = account.ago(days=400)
    account.role("r", created=made, last_used=account.ago(days=1))
    account.attach(account.policy("p", allowing("sqs:*"), created=made), role="r")
    snapshot = look(account)
    assert not found(snapshot)
    assert list(services.detect(snapshot, services.CONTROL.settings()))
    assert control.CONTROL.id in services.CONTROL.supersedes


def test_both_stages_one_after_the_other(account: AccountBuilder) -> None:
    """First the service, then the actions of what is left, and both taken back."""
    _policy(account, "sqs:*", "ec2:Describe*", used=timedelta(days=1))
    snapshot = look(account)
    (first,) = services.detect(snapshot, services.CONTROL.settings())
    fix = services.plan(first, snapshot, services.CONTROL.settings())
    assert isinstance(fix, Plan)
    stages = [Acting(account, fix)]
    stages[0].apply()
    # The version is hours old by now, but what it allows was allowed before.
    second = planned(look(account))
    assert isinstance(second, Plan)
    stages.append(Acting(account, second))
    stages[1].apply()
    assert "ec2:Describe*" not in actions(account)
    assert "sqs:PurgeQueue" not in actions(account)
    for stage in reversed(stages):
        stage.undo()
    assert actions(account) == ["sqs:*", "ec2:Describe*"]


def test_what_people_leave_alone_stays(account: AccountBuilder) -> None:
    seed(account)
    assert not found(look(account), left_alone=["sqs:getqueueurl"])


def reporting(snapshot: Snapshot, **uses: ServiceUse) -> Snapshot:
    """The snapshot with a report on its one policy that says just that."""
    (policy,) = snapshot.customer_policies
    known = snapshot.policy_uses
    report = replace(known.by_policy[policy.id], services=uses)
    now = replace(known, by_policy={policy.id: report})
    return replace(snapshot, parts={**snapshot.parts, Part.POLICY_USE: now})


def test_a_service_that_the_report_does_not_name_stays(account: AccountBuilder) -> None:
    """Neither stage knows whether it was used: the policy may be younger than the report."""
    seed(account)
    snapshot = reporting(look(account), s3=ServiceUse(None))
    assert not found(snapshot)
    assert not list(services.detect(snapshot, services.CONTROL.settings()))


def test_tracked_actions_of_a_service_that_nobody_uses_go_with_it(account: AccountBuilder) -> None:
    """So that there is one question on it, which is the other control's."""
    seed(account)
    snapshot = reporting(look(account), sqs=ServiceUse(None, {"GetQueueUrl": None}))
    assert not found(snapshot)
    assert list(services.detect(snapshot, services.CONTROL.settings()))


def test_what_was_used_meanwhile_needs_no_plan(account: AccountBuilder) -> None:
    seed(account)
    (finding,) = found(look(account))
    account.use_action(WHO, "sqs:GetQueueUrl", at=account.now)
    with pytest.raises(PlanError, match="is in use by now"):
        control.plan(finding, look(account), control.CONTROL.settings())
