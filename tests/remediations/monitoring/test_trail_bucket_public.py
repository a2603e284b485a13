"""The public is kept out of a trail's bucket, whatever its policy and ACLs say."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Bucket, Part, Plan, Risk
from remediations.monitoring import trail_bucket_public as control
from remediations.monitoring._buckets import SHUT
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.open_buckets import OF_THE_ACCOUNT
from tests.remediations.people import found, planned, seen

SETTINGS: dict[str, Any] = {"enabled": True}
PARTS = frozenset({Part.TRAIL_BUCKETS})


def anyone(bucket: str) -> dict[str, object]:
    """A policy that lets everyone read."""
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    resource = f"arn:aws:s3:::{bucket}/*"
    return {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": resource}]}


def seed(account: AccountBuilder) -> None:
    """A trail's bucket with a public policy; another one that is shut, and one of no trail."""
    account.trail("open", bucket="open-files", validation=True)
    account.bucket("open-files", policy=anyone("open-files"))
    account.trail("shut", bucket="shut-files", validation=True)
    account.bucket("shut-files", policy=anyone("shut-files"), block=SHUT)
    account.bucket("website", policy=anyone("website"))


def buckets(**facts: Any) -> Any:
    """A snapshot with one bucket of a trail."""
    return seen(parts={Part.TRAIL_BUCKETS: (Bucket("files", "us-east-1", **facts),)})


@pytest.mark.parametrize(
    ("facts", "by"),
    [
        pytest.param({}, [], id="nobody let in"),
        pytest.param({"public_policy": True}, ["policy"], id="public policy"),
        pytest.param({"public_acl": True}, ["ACL"], id="public ACL"),
        pytest.param({"public_policy": True, "block": SHUT}, [], id="public policy, shut"),
        pytest.param({"public_acl": True, "block": SHUT}, [], id="public ACL, shut"),
        pytest.param(
            {"public_policy": True, "block": {**SHUT, "RestrictPublicBuckets": False}},
            ["policy"],
            id="only new policies are refused",
        ),
        pytest.param(
            {"public_acl": True, "public_policy": True, "block": {"IgnorePublicAcls": True}},
            ["policy"],
            id="ACLs alone are ignored",
        ),
        *OF_THE_ACCOUNT,
    ],
)
def test_which_buckets_are_found(facts: dict[str, Any], by: list[str]) -> None:
    assert [finding.evidence["by"] for finding in found(control, buckets(**facts))] == [by] * bool(
        by
    )


def test_old_settings_come_back() -> None:
    old = {**SHUT, "RestrictPublicBuckets": False}
    (finding,) = found(control, buckets(public_policy=True, block=old))
    assert finding.evidence["block"] == old
    fix = planned(control, buckets(public_policy=True, block=old))
    assert isinstance(fix, Plan)
    (step,) = fix.steps
    assert step.undo is not None
    assert step.undo.params["PublicAccessBlockConfiguration"] == old
    assert "costs nothing" in fix.summary


def test_settings_that_were_not_there_go_again() -> None:
    fix = planned(control, buckets(public_policy=True))
    assert isinstance(fix, Plan)
    (step,) = fix.steps
    assert step.undo is not None
    assert step.undo.operation == "DeletePublicAccessBlock"


@pytest.mark.parametrize("block", [None, {**SHUT, "RestrictPublicBuckets": False}])
def test_settings_as_they_were_stop_nothing(block: dict[str, bool] | None) -> None:
    with mock_account(NOW) as account:
        account.trail("open", bucket="open-files")
        account.bucket("open-files", policy=anyone("open-files"), block=block)
        fix = planned(control, look(account, more=PARTS))
        assert isinstance(fix, Plan)
        acting = Acting(account)
        assert acting.broken(fix.steps[0].before) == []
        account.bucket("open-files", block={**SHUT, "BlockPublicAcls": False})
        assert acting.broken(fix.steps[0].before)


def test_settings_changed_meanwhile_stop_it() -> None:
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account, more=PARTS))
        assert isinstance(fix, Plan)
        account.bucket("open-files", block={**SHUT, "BlockPublicAcls": False})
        (why,) = Acting(account).broken(fix.steps[0].before)
        assert "changed in the meantime" in why


def test_a_bucket_of_another_account_is_not_asked_about() -> None:
    with mock_account(NOW) as account:
        account.trail("here", bucket="ours")
        account.trail("there", bucket="theirs")
        account.forget_bucket("theirs")
        assert [each.name for each in look(account, more=PARTS).trail_buckets] == ["ours"]


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
