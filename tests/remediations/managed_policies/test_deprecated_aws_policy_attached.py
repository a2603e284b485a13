"""What AWS has retired is replaced by its successor, if that gives no more, or by people."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.aws_policies import document_of
from bot.engine.protecting import Guard
from bot.model import Manual, Plan, Protection, Risk
from remediations.managed_policies import deprecated_aws_policy_attached as control
from tests.remediations.acting import Acting, snapshot_of, stopped_by
from tests.remediations.groups.moving import allow, findings, names, planned

OLD = "arn:aws:iam::aws:policy/AWSLambdaReadOnlyAccess"
NEW = "arn:aws:iam::aws:policy/AWSLambda_ReadOnlyAccess"


def retired(**statement: Any) -> dict[str, Any]:
    """The successor's document, and something that it left out."""
    successor = document_of("AWSLambda_ReadOnlyAccess")
    left_out = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*", **statement}
    return {**successor, "Statement": [*successor["Statement"], left_out]}


def seed(account: AccountBuilder) -> None:
    """A role with a policy that AWS lets nobody attach any more."""
    account.role("viewer")
    account.retired_policy("AWSLambdaReadOnlyAccess", retired(), role="viewer")


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


@pytest.mark.parametrize("kind", ["user", "group", "role"])
@pytest.mark.parametrize("name", ["viewer", "a@b", "a,b", "a+b=c"])
def test_the_successor_comes_first(account: AccountBuilder, kind: str, name: str) -> None:
    getattr(account, kind)(name)
    account.retired_policy("AWSLambdaReadOnlyAccess", retired(), **{kind: name})
    fix = planned(control, account)
    assert names(fix) == ["attach-replacement", "detach"]
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.IRREVERSIBLE
    assert Guard.on(snapshot_of(account))(fix) is None
    assert any(each.startswith("Stops working: s3:") for each in fix.breaks)

    Acting(account, fix).apply()

    snapshot = snapshot_of(account)
    (holder,) = (*snapshot.users, *snapshot.groups, *snapshot.roles)
    assert holder.attached == (NEW,)
    assert not findings(control, snapshot)


def test_it_can_not_be_attached_again(account: AccountBuilder) -> None:
    """That is why the plan says that it is final, and keeps the text."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    assert "s3:Get*" in str(fix.data())
    Acting(account, fix).apply()

    with pytest.raises(ClientError) as refused:
        account.client().attach_role_policy(RoleName="viewer", PolicyArn=OLD)

    assert refused.value.response["Error"]["Code"] == "PolicyNotAttachable"


@pytest.mark.parametrize(
    ("name", "document", "why"),
    [
        ("AWSNobodyKnowsIt", allow(), "AWS names no successor of AWSNobodyKnowsIt"),
        ("AWSLambdaReadOnlyAccess", allow("lambda:Get*"), "AWSLambda_ReadOnlyAccess allows more: "),
        (
            "AWSLambdaReadOnlyAccess",
            retired(Effect="Deny"),
            "a Deny in AWSLambdaReadOnlyAccess or AWSLambda_ReadOnlyAccess reaches into",
        ),
    ],
)
def test_people_choose(
    account: AccountBuilder, name: str, document: dict[str, Any], why: str
) -> None:
    account.role("viewer")
    account.retired_policy(name, document, role="viewer")

    fix = planned(control, account)

    assert isinstance(fix, Manual)
    assert fix.reason.startswith(why)


def test_what_does_not_count(account: AccountBuilder) -> None:
    """What can be attached; what only service-linked roles hold; AWS's quarantine; AWS's roles."""
    account.role("viewer", attached=["AWSLambda_ReadOnlyAccess"])
    account.user("leaked")
    account.retired_policy("AWSCompromisedKeyQuarantineV2", allow(Effect="Deny"), user="leaked")
    account.service_linked_role("support.amazonaws.com", "Support")
    account.retired_policy("AWSOldSupport", allow(), role="AWSServiceRoleForSupport")

    assert not findings(control, snapshot_of(account))


def test_protected_ones_are_not_looked_at(account: AccountBuilder) -> None:
    """And a plan for them would be refused."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    protection = Protection(protected=("*:role/viewer",))

    assert not findings(control, snapshot_of(account, protection))
    assert "protected list" in (Guard.on(snapshot_of(account, protection))(fix) or "")


def test_the_successor_is_gone_before_the_last_step(account: AccountBuilder) -> None:
    """Detached alone, the rights would be gone for good."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)

    def meddle() -> None:
        account.client().detach_role_policy(RoleName="viewer", PolicyArn=NEW)

    assert stopped_by(account, fix, "detach", meddle) == [f"{NEW} is not attached to viewer"]
