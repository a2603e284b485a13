"""The ladder of what nobody uses: told, fenced, and long afterwards deleted, by one database."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import mock_account
from bot.engine.views import FindingView
from bot.errors import StaleError
from bot.model import Manual, ProposalState
from bot.store.database import Store
from remediations._fence_documents import INACTIVE_DOCUMENT, INACTIVE_FENCE
from tests.conftest import NOON, StandingClock
from tests.engine.house import ALICE, House, house

INACTIVE, USER_GOES = "inactive-user", "fenced-inactive-user"
UNUSED, LOGIN_GOES = "unused-console-password", "fenced-console-password"
DOCUMENT: dict[str, Any] = dict(INACTIVE_DOCUMENT)


@pytest.fixture
def home(
    sqlite_store: Store, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """Lee left long ago; max works with a key and never signs in."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_account(NOON) as account:
        for name in ("lee", "max"):
            account.user(name, path="/people/", tags={"team": "web"}, created=account.ago(days=900))
            account.password(name, last_used=account.ago(days=200))
        account.mfa("lee")
        account.ssh_key("lee", created=account.ago(days=700), status="Inactive")
        account.key("max", created=account.ago(days=300), last_used=account.ago(days=1))
        with house(
            account, sqlite_store, clock, only=(INACTIVE, USER_GOES, UNUSED, LOGIN_GOES)
        ) as made:
            made.scan()
            made.live()
            yield made


def findings(home: House, control: str) -> list[FindingView]:
    home.account.forget_report()
    return [one for one in home.scan().findings if one.record.finding.control == control]


def fence_both(home: House) -> None:
    """Lee as a whole, max's password."""
    home.fix(home.only(INACTIVE))
    home.fix(home.only(UNUSED))


def max_works(home: House) -> None:
    """Max's key is in use, as it always is."""
    [key] = home.account.client().list_access_keys(UserName="max")["AccessKeyMetadata"]
    home.account.use_key(key["AccessKeyId"])


def test_a_user_is_deleted_after_the_grace_and_the_journal_keeps_it(home: House) -> None:
    fence_both(home)
    home.pass_time(days=89, hours=23)
    assert findings(home, USER_GOES) == []
    home.pass_time(hours=2)
    [view] = findings(home, USER_GOES)
    done = home.fix(view)

    assert done.state is ProposalState.DONE
    assert "lee" not in home.account.iam.users
    assert not home.account.iam.virtual_mfa_devices
    kept = json.dumps([dict(step.seen_before or {}) for step in done.steps])
    assert "ssh-rsa AAAA" in kept
    assert '"Path": "/people/"' in kept
    assert '"Value": "web"' in kept
    assert findings(home, USER_GOES) == []


def test_a_login_is_deleted_after_the_grace_and_its_fence_goes(home: House) -> None:
    fence_both(home)
    home.pass_time(days=91)
    max_works(home)
    [view] = findings(home, LOGIN_GOES)
    done = home.fix(view)

    assert done.state is ProposalState.DONE
    iam = home.account.client()
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_login_profile(UserName="max")
    assert iam.list_user_policies(UserName="max")["PolicyNames"] == []
    assert len(iam.list_access_keys(UserName="max")["AccessKeyMetadata"]) == 1
    assert findings(home, LOGIN_GOES) == []


def test_a_use_since_the_fence_spares_both(home: House) -> None:
    """AWS notes the tries, also those that the fence refused."""
    fence_both(home)
    home.pass_time(days=10)
    home.account.use_password("lee")
    home.account.use_password("max")
    home.pass_time(days=200)
    assert findings(home, USER_GOES) == []
    assert findings(home, LOGIN_GOES) == []


def test_a_fence_that_was_taken_back_is_no_record(home: House) -> None:
    """Put again by hand, it stands since nobody knows when."""
    first = home.fix(home.only(INACTIVE))
    undo = home.service.undo(first.id, ALICE).proposal
    home.service.approve(undo.id, undo.digest, ALICE)
    home.apply(undo.id)
    home.pass_time(days=200)
    home.account.inline(INACTIVE_FENCE, DOCUMENT, user="lee")
    [view] = findings(home, USER_GOES)
    assert view.proposal is not None
    assert isinstance(view.proposal.plan, Manual)


def test_a_fence_that_the_database_knows_nothing_of_is_left_to_people(home: House) -> None:
    """Somebody put it by hand, or another Locksmith did."""
    home.account.inline(INACTIVE_FENCE, DOCUMENT, user="lee")
    [view] = findings(home, USER_GOES)
    assert view.proposal is not None
    assert isinstance(view.proposal.plan, Manual)


def test_a_device_that_comes_meanwhile_stops_it_whole(home: House) -> None:
    """Nothing of a half-known user is deleted."""
    fence_both(home)
    home.pass_time(days=91)
    [view] = findings(home, USER_GOES)
    approved = home.approve(view)
    home.account.mfa("lee", kind="fido")
    with pytest.raises(StaleError, match="something else by now"):
        home.apply(approved)
    assert home.account.client().get_login_profile(UserName="lee")
