"""The public is kept out of buckets that are not meant for it."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Bucket, Part, Plan, Risk
from remediations.monitoring._buckets import SHUT
from remediations.policy_conditions import public_bucket_policy_or_acl as control
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.open_buckets import OF_THE_ACCOUNT
from tests.remediations.people import found, planned, seen

SETTINGS: dict[str, Any] = {"enabled": True}
PARTS = frozenset({Part.PUBLIC_BUCKETS})


def anyone(bucket: str) -> dict[str, object]:
    """A policy that lets everyone read."""
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    resource = f"arn:aws:s3:::{bucket}/*"
    return {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": resource}]}


def seed(account: AccountBuilder) -> None:
    """A bucket that anyone may read, and one that is shut although its policy says the same."""
    account.bucket("drafts", policy=anyone("drafts"))
    account.bucket("shut", policy=anyone("shut"), block=SHUT)


def buckets(**facts: Any) -> Any:
    """A snapshot with one bucket."""
    return seen(parts={Part.PUBLIC_BUCKETS: (Bucket("files", "eu-west-1", **facts),)})


@pytest.mark.parametrize(
    ("facts", "by"),
    [
        pytest.param({}, [], id="nobody let in"),
        pytest.param({"public_policy": True}, ["policy"], id="policy"),
        pytest.param({"public_acl": True}, ["ACL"], id="ACL"),
        pytest.param({"public_policy": True, "public_acl": True}, ["policy", "ACL"], id="both"),
        pytest.param({"public_policy": True, "block": SHUT}, [], id="shut"),
        pytest.param({"public_acl": True, "block": {"IgnorePublicAcls": True}}, [], id="ignored"),
        *OF_THE_ACCOUNT,
    ],
)
def test_which_are_found(facts: dict[str, Any], by: list[str]) -> None:
    assert [one.evidence["by"] for one in found(control, buckets(**facts))] == [by] * bool(by)


def test_websites_are_named() -> None:
    chosen = control.CONTROL.settings(public=["file*"])

    assert not list(control.detect(buckets(public_policy=True), chosen))


def test_old_settings_come_back() -> None:
    old = {**SHUT, "RestrictPublicBuckets": False}
    fix = planned(control, buckets(public_policy=True, block=old))
    assert isinstance(fix, Plan)
    assert fix.steps[0].undo is not None
    assert fix.steps[0].undo.params["PublicAccessBlockConfiguration"] == old


def test_each_bucket_is_shut_in_its_own_region() -> None:
    both = (
        Bucket("files", "eu-west-1", public_policy=True),
        Bucket("more", "us-east-1", public_policy=True),
    )
    snapshot, chosen = seen(parts={Part.PUBLIC_BUCKETS: both}), control.CONTROL.settings()
    for one, bucket in zip(control.detect(snapshot, chosen), both, strict=True):
        fix = control.plan(one, snapshot, chosen)
        assert isinstance(fix, Plan)
        assert f"{bucket.name} in {bucket.region}," in fix.summary
        assert fix.steps[0].do.params["Bucket"] == bucket.name


def test_it_is_off_at_first() -> None:
    assert not control.CONTROL.settings().enabled


def test_what_is_not_known_of_the_account_is_said() -> None:
    unread = "settings of the whole account: AccessDenied: no"
    (said,) = found(control, buckets(public_policy=True, account_unread=unread))
    assert said.evidence["account_block_not_read"] == unread
    (known,) = found(control, buckets(public_policy=True))
    assert "account_block_not_read" not in known.evidence


def test_it_shuts_out_more_than_the_public_so_no_rule_does_it_unasked() -> None:
    fix = planned(control, buckets(public_policy=True))
    assert isinstance(fix, Plan)
    assert control.CONTROL.risk is fix.risk is Risk.DISRUPTIVE
    assert any("other accounts" in each and "that it names" in each for each in fix.breaks)


def test_an_account_that_is_shut_shuts_its_buckets() -> None:
    with mock_account(NOW) as account:
        seed(account)
        assert len(found(control, look(account, more=PARTS))) == 1
        account.account_block({**SHUT, "RestrictPublicBuckets": False})
        assert len(found(control, look(account, more=PARTS))) == 1
        account.account_block(SHUT)
        assert found(control, look(account, more=PARTS)) == []
