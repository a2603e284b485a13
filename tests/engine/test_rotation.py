"""A rotation played from its first day to its last, and its bad days, on a clock that is moved."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bot.aws.simulated.server import SimulatedAccount
from bot.engine.owner_claims import OwnerRules, key_readers
from bot.engine.owner_mapping import MappedOwner
from bot.engine.views import FindingView
from bot.errors import StaleError
from bot.model import FindingStatus, Manual, Plan, ProposalState
from bot.store.database import Store
from tests.conftest import StandingClock
from tests.engine.house import ALICE, House, house

_S = ProposalState
SECRET = "locksmith/ci/access-key"
READER = "arn:aws:iam::123456789012:user/ann"
CONTROLS = ("old-access-key", "superseded-access-key", "inactive-access-key")


@dataclass
class Rotation:
    """A house in which the program `ci` uses one key, 91 days old."""

    house: House
    cloud: SimulatedAccount
    old: str

    def keys(self) -> dict[str, str]:
        """The keys of ci and their status, past our own code."""
        listed = self.cloud.client().list_access_keys(UserName="ci")["AccessKeyMetadata"]
        return {key["AccessKeyId"]: key["Status"] for key in listed}

    def new(self) -> str:
        """The key that isn't the old one."""
        (found,) = set(self.keys()) - {self.old}
        return found

    def use(self, key_id: str) -> None:
        """The program works with this key."""
        self.house.account.use_key(key_id)

    def days_in_use(self, days: int, key_id: str) -> None:
        """So many days pass, with the key in use on each."""
        for _ in range(days):
            self.house.pass_time(days=1)
            self.use(key_id)

    def about(self, key_id: str | None = None) -> FindingView | None:
        """What a scan finds and asks about a key; None where there is nothing."""
        self.house.account.forget_report()
        views = [
            view
            for view in self.house.scan().findings
            if view.record.finding.subject == (key_id or self.old)
            and view.record.status is FindingStatus.OPEN
            and view.asks_elsewhere is None
        ]
        assert len(views) <= 1, views
        return views[0] if views else None

    def asked(self, key_id: str | None = None) -> FindingView:
        """The same, where there must be something."""
        view = self.about(key_id)
        assert view is not None
        return view

    def delivered(self) -> str:
        """The first stage done; the new key's id."""
        assert self.house.fix(self.asked()).state is _S.DONE
        return self.new()

    def read(self, user: str) -> dict[str, str]:
        """What a user reads in the secret."""
        key = self.house.account.iam.add_access_key(user, "Active")
        session: Any = self.cloud.session()
        client = session.client(
            "secretsmanager",
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
            aws_session_token=None,
        )
        value: dict[str, str] = json.loads(client.get_secret_value(SecretId=SECRET)["SecretString"])
        return value


@pytest.fixture
def at(cloud: SimulatedAccount, sqlite_store: Store, clock: StandingClock) -> Iterator[Rotation]:
    account = cloud.account
    account.user("ci", created=account.ago(days=300))
    old = account.key("ci", created=account.ago(days=91), last_used=account.ago(hours=2))
    settings = {"old-access-key": {"readers": {"ci": READER}}}
    with house(account, sqlite_store, clock, controls=settings, only=CONTROLS) as made:
        made.scan()
        made.live()
        yield Rotation(made, cloud, old)


def test_the_mapping_file_names_the_reader(
    cloud: SimulatedAccount, sqlite_store: Store, clock: StandingClock
) -> None:
    """Beside the owner, without any setting of the control: the secret is that reader's alone."""
    account = cloud.account
    account.user("ci", created=account.ago(days=300))
    old = account.key("ci", created=account.ago(days=91), last_used=account.ago(hours=2))
    mapping = (
        MappedOwner(match="*:user/ci", owner="U01", reader=READER),
        MappedOwner(match="*", owner="U02", reader=READER.replace("ann", "ben")),
    )
    rules = OwnerRules((), (), {}, {}, None, mapping)
    with house(
        account, sqlite_store, clock, only=CONTROLS, readers_in=partial(key_readers, rules)
    ) as made:
        made.scan()
        made.live()
        rotation = Rotation(made, cloud, old)
        new = rotation.delivered()
        assert rotation.read("ann")["AccessKeyId"] == new
        with pytest.raises(ClientError, match="AccessDenied"):
            rotation.read("ben")


def _plan(view: FindingView) -> Plan:
    assert view.remediation is not None
    assert isinstance(view.remediation.plan, Plan)
    return view.remediation.plan


def _advice(view: FindingView) -> Manual:
    assert view.remediation is not None
    assert isinstance(view.remediation.plan, Manual)
    return view.remediation.plan


def test_a_rotation_from_end_to_end(at: Rotation) -> None:
    """Too old → new key → switched → idle → off → deleted; nothing ever stops working."""
    first = at.asked()
    assert [step.name for step in _plan(first).steps] == ["place", "restrict", "make", "keep"]
    assert at.house.fix(first).state is _S.DONE
    new = at.new()

    # Only its owner reads it.
    assert at.read("ann")["AccessKeyId"] == new
    with pytest.raises(ClientError, match="AccessDenied"):
        at.read("ben")

    # Until the owner switches, the old key works, and the owner is told what is to be done.
    at.days_in_use(3, at.old)
    waiting = at.asked()
    story = at.house.service.story(waiting.record.id)
    assert (story.facts["old key"], story.facts["new key"]) == (at.old, new)
    assert story.facts["last used for"] == "s3"
    assert any(SECRET in step for step in story.next)
    assert waiting.record.finding.control == "old-access-key"
    assert SECRET in _advice(waiting).steps[0]
    assert waiting.record.finding.evidence["newer_key"] == new
    assert at.keys() == {at.old: "Active", new: "Active"}

    # The owner switches; nothing is asked before the old key was idle for the margin.
    at.days_in_use(13, new)
    assert at.asked().record.finding.control == "old-access-key"
    at.days_in_use(2, new)
    off = at.asked()
    assert off.record.finding.control == "superseded-access-key"
    assert at.house.fix(off).state is _S.DONE
    assert at.keys() == {at.old: "Inactive", new: "Active"}
    assert at.about() is None

    # It stays off through its grace, and goes.
    at.days_in_use(89, new)
    assert at.about() is None
    at.days_in_use(2, new)
    gone = at.asked()
    assert gone.record.finding.control == "inactive-access-key"
    assert at.house.fix(gone).state is _S.DONE
    assert at.keys() == {new: "Active"}

    # All of it is one story, whichever of its ids is asked for.
    story = at.house.service.story(at.old)
    assert [each.proposal.state for each in story.chapters if each.execution] == [_S.DONE] * 3
    assert story.facts["new key"] == new
    assert story.facts["new key's secret"] == SECRET
    assert story == at.house.service.story(story.chapters[0].proposal.id)

    # By then the new key is the old one, and goes into the same secret.
    again = at.asked(new)
    assert [step.name for step in _plan(again).steps] == ["make", "keep"]
    assert at.house.fix(again).state is _S.DONE
    assert at.read("ann")["AccessKeyId"] not in (new, at.old)


def test_the_secret_store_is_down_after_the_key_was_made(at: Rotation) -> None:
    """The key is taken back at once, and the next try works."""
    at.cloud.fault("secretsmanager:PutSecretValue", "error:InternalServiceError")
    record = at.house.fix(at.asked())
    assert record.state is _S.FAILED
    assert at.keys() == {at.old: "Active"}
    assert at.cloud.client("secretsmanager").list_secrets()["SecretList"] == []
    at.days_in_use(1, at.old)
    new = at.delivered()
    assert at.read("ann")["AccessKeyId"] == new


def test_the_owner_never_switches(at: Rotation) -> None:
    """Nothing is ever taken from whoever uses it; the question stays."""
    at.delivered()
    for _ in range(6):
        at.days_in_use(30, at.old)
        view = at.asked()
        assert isinstance(_advice(view), Manual)
        assert at.keys()[at.old] == "Active"


def test_the_owner_never_switches_and_the_new_key_grows_old(at: Rotation) -> None:
    """A second key that is too old itself is no place to switch to any more."""
    new = at.delivered()
    at.days_in_use(40, at.old)
    assert "was made to follow it" in _advice(at.asked()).reason
    at.days_in_use(60, at.old)
    assert "only a person can say" in _advice(at.asked()).reason
    assert at.keys() == {at.old: "Active", new: "Active"}


def test_the_old_key_is_wanted_again_after_it_was_off(at: Rotation) -> None:
    """One more yes switches it on, and the rotation goes on from there."""
    new = at.delivered()
    at.days_in_use(15, new)
    execution = at.house.fix(at.asked())
    assert at.keys()[at.old] == "Inactive"

    undo = at.house.service.undo(execution.id, ALICE).proposal
    at.house.service.approve(undo.id, undo.digest, ALICE)
    assert at.house.apply(undo.id).state is _S.DONE
    at.use(at.old)
    assert at.keys() == {at.old: "Active", new: "Active"}
    at.days_in_use(1, at.old)
    assert isinstance(_advice(at.asked()), Manual)


def test_the_old_key_is_used_just_before_it_is_switched_off(at: Rotation) -> None:
    """Approved while idle, used since: nothing is written."""
    new = at.delivered()
    at.days_in_use(15, new)
    proposal_id = at.house.approve(at.asked())
    at.use(at.old)
    with pytest.raises(StaleError, match="was used in the last 14 days"):
        at.house.apply(proposal_id)
    assert at.keys()[at.old] == "Active"


def test_two_old_keys_in_use_ask_a_person(at: Rotation) -> None:
    account = at.house.account
    other = account.key("ci", created=account.ago(days=200), last_used=account.ago(hours=1))
    at.house.pass_time(hours=1)
    for key_id in (at.old, other):
        advice = _advice(at.asked(key_id))
        assert "only a person can say" in advice.reason
        assert other in advice.reason
        assert at.old in advice.reason


def test_a_third_key_by_a_race(at: Rotation) -> None:
    """Somebody beats AWS's quota later: the report has two slots only, a live look sees it."""
    new = at.delivered()
    account = at.house.account
    third = account.key("ci", created=account.now)
    at.days_in_use(1, at.old)
    live = at.house.service.refresh(at.asked().record.id, ALICE, lambda _: None)
    assert "has 3 keys" in _advice(live).reason
    assert at.keys() == {at.old: "Active", new: "Active", third: "Active"}


def test_a_key_made_by_hand_between_the_yes_and_the_call(at: Rotation) -> None:
    """There is no room any more, and nothing was made."""
    proposal_id = at.house.approve(at.asked())
    by_hand = at.house.account.key("ci", created=at.house.account.now)
    with pytest.raises(StaleError, match="another key by now"):
        at.house.apply(proposal_id)
    assert at.keys() == {at.old: "Active", by_hand: "Active"}


def test_the_user_is_deleted_mid_way(at: Rotation) -> None:
    """Between two stages: the questions about it end, and nothing is written."""
    new = at.delivered()
    at.days_in_use(15, new)
    proposal_id = at.house.approve(at.asked())
    client = at.cloud.client()
    for key_id in tuple(at.keys()):
        client.delete_access_key(UserName="ci", AccessKeyId=key_id)
    client.delete_user(UserName="ci")
    with pytest.raises(StaleError):
        at.house.apply(proposal_id)
    assert at.about() is None


def test_a_namesake_of_a_deleted_user_gets_nothing(at: Rotation) -> None:
    """A user of the same name who came since is somebody else."""
    proposal_id = at.house.approve(at.asked())
    client = at.cloud.client()
    client.delete_access_key(UserName="ci", AccessKeyId=at.old)
    client.delete_user(UserName="ci")
    at.house.account.user("ci")
    with pytest.raises(StaleError, match="another user now"):
        at.house.apply(proposal_id)
    assert at.keys() == {}


def test_an_inactive_key_in_the_way_is_a_persons_to_settle(at: Rotation) -> None:
    account = at.house.account
    leftover = account.key(
        "ci", created=account.ago(days=300), status="Inactive", changed=account.ago(days=20)
    )
    at.house.pass_time(hours=1)
    advice = _advice(at.asked())
    assert "takes the place" in advice.reason
    assert any(
        f"delete-access-key --user-name ci --access-key-id {leftover}" in each
        for each in advice.steps
    )
    at.cloud.client().delete_access_key(UserName="ci", AccessKeyId=leftover)
    at.house.pass_time(hours=1)
    assert at.delivered()


def test_a_decision_is_about_one_stage_only(at: Rotation) -> None:
    """What was approved for the first stage says nothing about the next one."""
    new = at.delivered()
    at.days_in_use(15, new)
    view = at.asked()
    assert view.proposal is not None
    assert view.proposal.state in (_S.PROPOSED, _S.PENDING)
    assert at.house.clock.now - view.proposal.created_at < timedelta(days=1)
