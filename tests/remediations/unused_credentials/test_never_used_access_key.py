"""Keys that waited too long for their first use are switched off."""

from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Plan, Protection, Risk
from remediations.unused_credentials import never_used_access_key as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ago, found, key, person, planned, seen

SECOND = timedelta(seconds=1)
NAME = "tried,once+only@example.org"


def seed(account: AccountBuilder) -> None:
    """Somebody made two keys to try them: one is off for a month, one was never used."""
    account.user(NAME, path="/programs/", created=account.ago(days=80))
    account.key(NAME, created=account.ago(days=60))
    account.key(NAME, created=account.ago(days=40), status="Inactive")


def just_within(account: AccountBuilder) -> None:
    """Made exactly 30 days ago."""
    account.user(NAME, created=account.ago(days=500))
    account.key(NAME, created=account.ago(days=30))


def just_beyond(account: AccountBuilder) -> None:
    """Made 30 days and a second ago."""
    account.user(NAME, created=account.ago(days=500))
    account.key(NAME, created=account.ago(days=30) - SECOND)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(key(created=ago(31)), True, id="made too long ago"),
        pytest.param(key(created=ago(30)), False, id="made at the limit"),
        pytest.param(key(created=ago(0)), False, id="new"),
        pytest.param(key(created=ago(31), active=False), False, id="off"),
        pytest.param(key(created=ago(400), last_used=ago(390)), False, id="used once, long ago"),
    ],
)
def test_which_keys_are_found(one: Any, expected: bool) -> None:
    """Active, old enough, and without any use."""
    assert bool(found(control, seen(person(keys=(one,))))) is expected


def test_a_use_that_only_aws_lists_live_counts() -> None:
    """The report is hours old."""
    listed = key(created=ago(100), last_used=ago(hours=1), key_id="AKIA1")
    assert not found(control, seen(person(keys=(key(created=ago(100)),), listed=(listed,))))


def test_break_glass_is_left_out_and_protected_is_reported() -> None:
    """A break-glass key is meant to be unused."""
    alice = person(keys=(key(created=ago(100)),))
    arn = alice.user.arn
    assert not found(control, seen(alice, protection=Protection(break_glass=(arn,))))
    assert found(control, seen(alice, protection=Protection(protected=(arn,))))


def test_keys_of_smtp_users_are_left_alone() -> None:
    """A sign-in of a mail server is not a use that IAM is sure to write down."""
    mail = person("ses-smtp-user.20240101-120000", keys=(key(created=ago(100)),))
    assert not found(control, seen(mail))


def test_the_limit_is_a_setting() -> None:
    """Also in what is looked at just before."""
    snapshot = seen(person("<!channel>", listed=(key(created=ago(100), key_id="AKIA1"),)))
    assert not found(control, snapshot, days=100)
    fix = planned(control, snapshot, days=99)
    assert isinstance(fix, Plan)
    limits = {expect.value for expect in fix.steps[0].before if isinstance(expect.value, int)}
    assert limits == {99}
    (finding,) = found(control, snapshot)
    assert (
        finding.summary == "<!channel> has an active access key that is 100 days old and was "
        "never used"
    )


def test_a_first_use_meanwhile_stops_it() -> None:
    """The last look before the call sees it."""
    with mock_account(NOW) as account:
        just_beyond(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        assert not acting.broken(fix.steps[0].before)
        account.use_key(str(fix.steps[0].do.params["AccessKeyId"]))
        assert any("was used" in said for said in acting.broken(fix.steps[0].before))


def test_a_leaked_key_is_switched_off_for_good() -> None:
    """Nothing promises an undo that Locksmith would refuse."""
    arn = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
    one = person(listed=(key(created=ago(100), key_id="AKIA1"),), attached=(arn,))
    fix = planned(control, seen(one))
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.IRREVERSIBLE


def test_it_asks_instead_of_the_controls_on_old_and_unused_keys() -> None:
    """One question per key, in the words that fit best."""
    assert control.CONTROL.supersedes == {"unused-access-key", "old-access-key"}
