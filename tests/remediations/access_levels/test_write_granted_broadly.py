"""Where more than half of those with access may write to all of a service, they are named."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual
from remediations.access_levels import write_granted_broadly as control
from tests.remediations.access_levels.policies import MFA, allow, denying
from tests.remediations.acting import snapshot_of
from tests.remediations.groups.moving import findings, planned

READ, WRITE = allow("kms:ListKeys"), allow("kms:ListKeys", "kms:ScheduleKeyDeletion")


def people(account: AccountBuilder, readers: int, writers: int, document: Any = WRITE) -> None:
    """So many roles that only read, and so many that may do what the document says."""
    for kind, number, text in (("reader", readers, READ), ("writer", writers, document)):
        arn = account.policy(kind, text)
        for each in range(number):
            account.role(f"{kind}{each}", attached=[arn])


def seed(account: AccountBuilder) -> None:
    """Two read, three write."""
    people(account, 2, 3)


def just_within(account: AccountBuilder) -> None:
    """Just half of them write."""
    people(account, 3, 3)


def just_beyond(account: AccountBuilder) -> None:
    """One more."""
    people(account, 3, 4)


def test_they_are_named(account: AccountBuilder) -> None:
    seed(account)

    (finding,) = findings(control, snapshot_of(account))
    fix = planned(control, account)

    assert finding.summary == "3 of 5 who may use kms may write to all of it"
    assert finding.evidence["writers"] == [f"role writer{each}" for each in range(3)]
    assert finding.evidence["readers"] == ["role reader0", "role reader1"]
    assert isinstance(fix, Manual)


@pytest.mark.parametrize(
    ("readers", "writers", "settings", "found"),
    [
        (2, 2, {}, 0),  # too few with access
        (2, 2, {"principals": 4, "share": 49}, 1),
        (3, 3, {}, 0),
        (3, 3, {"share": 49}, 1),
        (2, 3, {"share": 60}, 0),
        (2, 3, {"services": ["s3"]}, 0),
        (2, 3, {"services": ["KMS"]}, 1),
        (2, 3, {"administrators": ["*:role/writer*"]}, 0),
    ],
)
def test_limits(
    account: AccountBuilder, readers: int, writers: int, settings: dict[str, Any], found: int
) -> None:
    people(account, readers, writers)

    assert len(findings(control, snapshot_of(account), **settings)) == found


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(allow("kms:*", Resource="arn:aws:kms:eu-west-1:1:key/k"), id="one key"),
        pytest.param(allow("kms:*", **MFA), id="with MFA"),
        pytest.param(denying(WRITE, "kms:S*", "kms:D*"), id="denied"),
    ],
)
def test_what_is_no_writing_everywhere(account: AccountBuilder, document: dict[str, Any]) -> None:
    people(account, 2, 5, document)

    assert not findings(control, snapshot_of(account))


def test_a_deny_and_a_boundary_count_over_all_that_somebody_has(account: AccountBuilder) -> None:
    """From another policy, of a group, or as boundary."""
    people(account, 3, 0)
    account.attach(account.policy("write", WRITE), role="reader0")
    account.group("writers", attached=["arn:aws:iam::123456789012:policy/write"])
    for name in ("ann", "ben", "cid", "dan"):
        account.user(name, groups=["writers"])
    assert len(findings(control, snapshot_of(account))) == 1

    account.boundary(account.policy("read-only", READ), user="ann")
    account.inline("never", denying(READ, "kms:Schedule*"), user="ben")

    assert not findings(control, snapshot_of(account))


def test_service_linked_roles_do_not_count_but_those_of_people_do(account: AccountBuilder) -> None:
    """Identity Center's roles are people."""
    people(account, 2, 2)
    arn = account.policy("more", WRITE)
    account.service_linked_role("support.amazonaws.com", "Support", attached=arn)
    assert not findings(control, snapshot_of(account))

    account.identity_center_role("Keys", attached=[arn])

    assert len(findings(control, snapshot_of(account))) == 1
