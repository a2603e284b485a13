"""Buckets are used over TLS alone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Finding, Guarded, Manual, Part, Plan, Snapshot
from remediations.policy_conditions import bucket_policy_without_secure_transport as control
from tests.remediations.acting import Acting, stopped_by
from tests.remediations.looking import look
from tests.remediations.people import seen
from tests.remediations.policy_conditions.documents import by_hand, fixed

SETTINGS: dict[str, Any] = {"enabled": True, "left_alone": ("everything-*",)}
PARTS = frozenset({Part.BUCKET_POLICIES})
READ = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::files/*",
}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def seed(account: AccountBuilder) -> None:
    """A bucket whose policy says nothing of TLS."""
    account.bucket("files", policy=policy(READ))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def found(snapshot: Snapshot, **settings: Any) -> list[Finding]:
    return list(control.detect(snapshot, control.CONTROL.settings(**settings)))


def planned(snapshot: Snapshot) -> Plan | Manual:
    (finding,) = found(snapshot)
    return control.plan(finding, snapshot, control.CONTROL.settings())


def text_of(account: AccountBuilder) -> str:
    return str(account.client("s3").get_bucket_policy(Bucket="files")["Policy"])


@pytest.mark.parametrize("own", [True, False])
def test_it_is_fixed_and_undone_exactly(account: AccountBuilder, own: bool) -> None:
    """With a policy of its own, or none: then the policy is deleted again."""
    account.bucket("files", policy=policy(READ) if own else None)
    acting = Acting(account, fixed(planned(look(account, more=PARTS))))
    before = text_of(account) if own else None

    acting.apply()
    statements = json.loads(text_of(account))["Statement"]
    assert statements[:-1] == ([READ] if own else [])
    assert statements[-1]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert not found(look(account, more=PARTS))

    acting.undo()
    assert found(look(account, more=PARTS))[0].evidence["has_policy"] is own
    assert before is None or text_of(account) == before


def test_it_is_off_at_first() -> None:
    assert not control.CONTROL.settings().enabled


def test_websites_are_left_alone(account: AccountBuilder) -> None:
    seed(account)
    snapshot = look(account, more=PARTS)

    assert found(snapshot)
    assert not found(snapshot, left_alone=["file?"])


@pytest.mark.parametrize(("room", "manual"), [(0, False), (1, True)])
def test_size_of_a_bucket_policy(room: int, manual: bool) -> None:
    """20 KB with the statement that comes to it."""
    bare = _planned_with("")
    text = str(fixed(bare).steps[0].do.params["Policy"])
    fix = _planned_with("x" * (20_480 - len(text.encode()) + room))

    assert isinstance(fix, Manual) is manual
    if manual:
        assert "longer than AWS allows" in by_hand(fix).reason


def _planned_with(padding: str) -> Plan | Manual:
    document = json.dumps(policy({**READ, "Sid": padding}), separators=(",", ":"))
    arn = "arn:aws:s3:::files"
    one = Guarded("s3", "files", arn, "eu-west-1", "files", document)
    return planned(seen(parts={Part.BUCKET_POLICIES: (one,)}))


def test_whoever_changed_it_since_is_not_overwritten(account: AccountBuilder) -> None:
    seed(account)
    fix = fixed(planned(look(account, more=PARTS)))

    def edited() -> None:
        account.bucket("files", policy=policy({**READ, "Sid": "Edited"}))

    assert stopped_by(account, fix, "require-tls", edited) == [
        "the policy of files is another one by now"
    ]
