"""What is known of an access key by its id: every state, and what could not be read."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot import registry
from bot.aws.connection import own_arns
from bot.aws.reading import UNREACHABLE, ReadFailedError
from bot.aws.sessions import connect
from bot.aws.simulated.entities import unique_id
from bot.aws.simulated.server import SimulatedAccount
from bot.engine.approvals import Approvals
from bot.engine.claimants import Claimants
from bot.engine.core import Aws, Confirming
from bot.engine.executor import Executor, VerifySettings
from bot.engine.guardrails import Guardrails
from bot.engine.known_key import Holder, KnownKey, LastUse, Presence, Unread, look_up
from bot.engine.looking import Look
from bot.engine.owner_claims import OwnerRules
from bot.engine.owners import Owners
from bot.engine.protecting import Guard
from bot.engine.scanning import Scanner, ScanSettings
from bot.engine.service import Service
from bot.engine.standing import Standings
from bot.errors import AwsError, CredentialsError, RefusedError
from bot.model import Account, Actor, Call, Json, OwnerSource, Protection
from bot.store import accounts
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.fake_directory import TEAM, FakeDirectory, person
from tests.engine.house import ALICE, quiet

ANN = Actor("slack", f"{TEAM}/UANN")
ACCOUNT = Account("123456789012")
STRANGER = "210987654321"
QUARANTINE = "AWSCompromisedKeyQuarantineV3"
WHAT = "What is this key?"


class Desk:
    """A service that knows people in Slack, over the account with carol, whose tag names ann."""

    def __init__(self, cloud: SimulatedAccount, store: Store, clock: StandingClock) -> None:
        self.cloud, self.store = cloud, store
        self.directory = FakeDirectory([person("UANN"), person("UBEN")], groups={"S1": ["UBEN"]})
        self.problem: Exception | None = None
        self._connection = connect(read_attempts=1)
        connection = self._connection
        approvals = Approvals(alone=False)
        rules = OwnerRules(tuple(OwnerSource), ("owner",), {}, {}, None)
        standings = Standings(
            self.directory,
            Owners(self.directory, rules, "C1", frozenset()),
            ("S1",),
            tag_holds=lambda _proposal, _claim: True,
            trusted_word=lambda _proposal: None,
            arn_of=lambda _proposal: None,
            person=approvals.people.person,
        )
        protection = Protection(own=own_arns(connection))
        executor = Executor(
            store,
            connection,
            clock,
            lambda seconds: clock.pass_time(seconds=seconds),
            Guardrails(Guard(protection)),
            approvals.authorise,
            VerifySettings(2, 1.0, 4.0),
            "tests/1/one",
        )
        scanner = Scanner(
            store,
            registry.controls({"inactive-user": {"enabled": False}}),
            ScanSettings(),
            Guard.on,
            clock,
            Claimants(rules),
        )

        def enter() -> Aws:
            if self.problem is not None:
                raise self.problem
            return Aws(connection, protection, executor)

        self.service = Service(store, enter, scanner, approvals, clock, Confirming(standings))

    def close(self) -> None:
        self._connection.close()

    def of(self, key_id: str) -> KnownKey:
        """What is known of one key."""
        (known,) = self.service.identify([key_id], ANN, WHAT)
        assert known.key_id == key_id
        return known

    def calls(self) -> dict[str, int]:
        """How often AWS was asked what."""
        return dict(self.cloud.calls.counts)


@pytest.fixture
def desk(cloud: SimulatedAccount, sqlite_store: Store, clock: StandingClock) -> Iterator[Desk]:
    cloud.client().tag_user(UserName="carol", Tags=[{"Key": "owner", "Value": "UANN"}])
    made = Desk(cloud, sqlite_store, clock)
    cloud.calls.clear()
    yield made
    made.close()


def foreign(prefix: str = "AKIA", account: str = STRANGER) -> str:
    return unique_id(prefix, account, random.Random(7), 20)


def test_a_key_of_ours(desk: Desk, carols_key: str) -> None:
    """Whose, on or off, how old, last used when, where and for what, and who owns it."""
    desk.cloud.account.use_key(
        carols_key, at=NOON - timedelta(days=3), service="sqs", region="eu-west-1"
    )

    known = desk.of(carols_key)

    assert known.holder is Holder.OURS
    assert known.account_id == known.ours == desk.cloud.account_id
    assert known.presence is Presence.THERE
    assert known.user is not None
    assert known.user.name == "carol"
    assert known.status == "Active"
    assert known.created == NOON - timedelta(days=400)
    assert known.used == LastUse(NOON - timedelta(days=3), "sqs", "eu-west-1")
    assert known.seen_at == NOON
    assert known.unread == ()
    assert not known.quarantined
    assert known.owned is not None
    assert known.owned.recipients == ("UANN",)
    assert known.owned.claim.source is OwnerSource.TAGS
    assert known.findings == ()
    assert known.scanned_at is None


def test_nothing_is_written_and_nothing_asked_twice(desk: Desk, carols_key: str) -> None:
    other = desk.cloud.account.key("carol")
    desk.service.identify([carols_key, other], ANN, WHAT)

    assert desk.calls() == {
        "sts:GetAccessKeyInfo": 2,
        "iam:GetAccessKeyLastUsed": 2,
        "iam:GetUser": 1,
        "iam:ListAccessKeys": 1,
        "iam:ListAttachedUserPolicies": 1,
        "organizations:ListTagsForResource": 1,
    }


def test_a_key_that_is_off_and_was_never_used(desk: Desk) -> None:
    key = desk.cloud.account.key("carol", status="Inactive")

    known = desk.of(key)

    assert known.status == "Inactive"
    assert known.used == LastUse()


def test_what_is_open_about_the_key_and_nothing_about_others(
    desk: Desk, carols_key: str, clock: StandingClock
) -> None:
    other = desk.cloud.account.key("carol", created=NOON - timedelta(days=1))
    desk.service.scan(ALICE, quiet)
    clock.pass_time(hours=2)

    known, quiet_one = desk.service.identify([carols_key, other], ANN, WHAT)

    assert {each.record.finding.control for each in known.findings} == {
        "old-access-key",
        "unused-access-key",
    }
    assert {each.record.finding.resource.key.key_id for each in known.findings} == {carols_key}
    assert quiet_one.findings == ()
    assert known.scanned_at == NOON
    assert known.seen_at == NOON + timedelta(hours=2)


def test_findings_of_keys_that_were_not_named_yet_are_found_by_user_and_age(
    desk: Desk, carols_key: str
) -> None:
    desk.cloud.fault("iam:ListAccessKeys", "error:AccessDenied", times=None)
    desk.service.scan(ALICE, quiet)
    desk.cloud.traffic.faults.clear()
    found = desk.service.findings()
    assert {each.record.finding.resource.key.key_id for each in found if
            each.record.finding.resource.key} == {None}  # fmt: skip
    account = desk.cloud.account
    account.user("dora")
    others = [
        account.key("carol", created=NOON - timedelta(days=1)),
        account.key("dora", created=NOON - timedelta(days=400)),
    ]

    known, *other_ones = desk.service.identify([carols_key, *others], ANN, WHAT)

    assert known.findings
    assert [each.findings for each in other_ones] == [(), ()]


def test_a_key_that_aws_knows_as_leaked(desk: Desk, carols_key: str) -> None:
    desk.cloud.account.attach(QUARANTINE, user="carol")

    assert desk.of(carols_key).quarantined


def test_a_strangers_key_is_looked_for_no_further(desk: Desk) -> None:
    known = desk.of(foreign())

    assert known.holder is Holder.STRANGER
    assert known.account_id == STRANGER
    assert known.presence is Presence.UNKNOWN
    assert known.user is None
    assert known.owned is None
    assert known.unread == ()
    assert desk.calls() == {"sts:GetAccessKeyInfo": 1}


def test_a_key_of_another_account_that_was_scanned(desk: Desk) -> None:
    with desk.store.write() as tx:
        accounts.ensure_account(tx, Account(STRANGER))
        accounts.scanned(tx, STRANGER, tx.now)

    known = desk.of(foreign())

    assert known.holder is Holder.SCANNED
    assert known.scanned_at == NOON
    assert desk.calls() == {"sts:GetAccessKeyInfo": 1}


@pytest.mark.parametrize("account", ["ours", STRANGER])
def test_of_a_temporary_key_only_the_account_is_asked(desk: Desk, account: str) -> None:
    number = desk.cloud.account_id if account == "ours" else account

    known = desk.of(foreign("ASIA", number))

    assert known.is_temporary
    assert known.account_id == number
    assert known.presence is Presence.UNKNOWN
    assert known.unread == ()
    assert known.owned is None
    assert desk.calls() == {"sts:GetAccessKeyInfo": 1}


def test_a_key_that_is_gone_or_never_was(desk: Desk, carols_key: str) -> None:
    """STS reads our account from the id; IAM knows no such key."""
    desk.cloud.client().delete_access_key(UserName="carol", AccessKeyId=carols_key)

    known = desk.of(carols_key)

    assert known.holder is Holder.OURS
    assert known.presence is Presence.GONE
    assert known.user is None
    assert known.unread == ()


def test_a_key_that_is_deleted_while_it_is_looked_up(desk: Desk, carols_key: str) -> None:
    desk.cloud.account.iam.get_user("carol").access_keys.clear()

    known = desk.of(carols_key)

    assert known.presence is Presence.GONE
    assert known.status is None


def test_an_id_that_aws_takes_for_none(desk: Desk) -> None:
    known = desk.of("AKIAIOSFODNN7NOBODYS")

    assert known.holder is Holder.UNKNOWN
    assert known.account_id is None
    assert known.presence is Presence.GONE
    assert [each.what for each in known.unread] == ["which account it belongs to"]
    assert "ValidationError" in known.unread[0].why


@pytest.mark.parametrize(
    ("operation", "what"),
    [
        ("sts:GetAccessKeyInfo", "which account it belongs to"),
        ("iam:GetAccessKeyLastUsed", "whose it is"),
        ("iam:GetUser", "who the user is"),
        ("iam:ListAttachedUserPolicies", "whether AWS knows it as leaked"),
        ("iam:ListAccessKeys", "whether it is active, and its age"),
    ],
)
def test_each_refusal_is_said_and_leaves_the_rest(
    desk: Desk, carols_key: str, operation: str, what: str
) -> None:
    desk.cloud.fault(operation, "error:AccessDenied", times=None)

    known = desk.of(carols_key)

    assert [each.what for each in known.unread] == [what]
    assert "AccessDenied" in known.unread[0].why
    assert operation in known.unread[0].why
    assert known.holder is Holder.OURS
    if operation == "iam:GetAccessKeyLastUsed":
        assert known.presence is Presence.UNKNOWN
        assert "a key that is gone" in known.unread[0].why
        assert (known.user, known.used, known.status, known.owned) == (None, None, None, None)
    else:
        assert known.presence is Presence.THERE
        assert known.user is not None
    assert (known.status is None) is (
        operation in {"iam:GetAccessKeyLastUsed", "iam:ListAccessKeys"}
    )
    assert (known.owned is None) is ("Used" in operation or operation in
                                     {"iam:GetUser", "iam:ListAccessKeys"})  # fmt: skip


def test_the_tags_of_the_account_name_owners_too(desk: Desk, carols_key: str) -> None:
    cloud = desk.cloud
    cloud.client().untag_user(UserName="carol", TagKeys=["owner"])
    organisation = cloud.client("organizations")
    organisation.create_organization(FeatureSet="ALL")
    organisation.tag_resource(ResourceId=cloud.account_id, Tags=[{"Key": "owner", "Value": "UBEN"}])
    try:
        known = desk.of(carols_key)
    finally:
        organisation.delete_organization()

    assert known.owned is not None
    assert known.owned.recipients == ("UBEN",)
    assert known.owned.claim.source is OwnerSource.ACCOUNT_TAGS


def test_what_could_not_be_read_is_owned_by_whoever_was_found_before(
    desk: Desk, carols_key: str
) -> None:
    desk.service.scan(ALICE, quiet)
    desk.cloud.fault("iam:GetUser", "error:AccessDenied", times=None)

    known = desk.of(carols_key)

    assert known.owned is not None
    assert known.owned.recipients == ("UANN",)


def test_a_key_for_which_aws_names_no_user() -> None:
    """What AWS answers for the root user's key is not known; a name is not promised."""
    key = foreign(account=ACCOUNT.id)
    answers: dict[str, Json] = {
        "GetAccessKeyInfo": {"Account": ACCOUNT.id},
        "GetAccessKeyLastUsed": {"AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}},
    }

    (known,) = look_up(Look(lambda call: answers[call.operation]), ACCOUNT, [key], lambda: NOON)

    assert known.presence is Presence.THERE
    assert known.user is None
    assert known.used == LastUse()
    assert "root" in known.unread[0].why


@pytest.mark.parametrize("what", ["drop_before", "error:InvalidClientTokenId"])
def test_aws_that_does_not_answer(desk: Desk, carols_key: str, what: str) -> None:
    desk.service.scan(ALICE, quiet)
    desk.cloud.fault("*", what, times=None)

    known = desk.of(carols_key)

    assert known.holder is Holder.UNKNOWN
    assert known.presence is Presence.UNKNOWN
    assert len(known.unread) == 2
    assert known.findings, "what was found before is told all the same"
    assert known.scanned_at == NOON


@pytest.mark.parametrize(
    "error",
    [
        ReadFailedError("sts:GetAccessKeyInfo", UNREACHABLE, "no route", "sts:GetAccessKeyInfo"),
        CredentialsError("the AWS session has expired"),
    ],
)
def test_aws_that_does_not_answer_is_not_asked_again_for_each_key(error: AwsError) -> None:
    """Each attempt can take as long as the last."""
    asked: list[str] = []

    def silent(call: Call) -> Json:
        asked.append(call.operation)
        raise error

    known = look_up(Look(silent), ACCOUNT, [foreign(), foreign("ASIA")], lambda: NOON)

    assert asked == ["GetAccessKeyInfo", "GetAccessKeyLastUsed"]
    assert [len(each.unread) for each in known] == [2, 1]


def test_a_refusal_is_met_again_for_each_key() -> None:
    asked: list[str] = []

    def refusing(call: Call) -> Json:
        asked.append(call.operation)
        raise ReadFailedError(call.operation, "AccessDenied", "not you", call.operation)

    look_up(Look(refusing), ACCOUNT, [foreign(), foreign("ASIA")], lambda: NOON)

    assert len(asked) == 3


def test_no_way_into_aws(desk: Desk, carols_key: str) -> None:
    desk.service.scan(ALICE, quiet)
    desk.problem = CredentialsError("the AWS session has expired")

    known = desk.of(carols_key)

    assert known.ours is None
    assert known.unread == (Unread("AWS", "the AWS session has expired"),)
    assert known.findings
    assert known.scanned_at == NOON
    assert known.owned is not None


def test_slack_that_cannot_tell_the_owner(desk: Desk, carols_key: str) -> None:
    known_by_name = desk.service.identify([carols_key], ALICE, WHAT)
    desk.directory.down = True

    (known,) = desk.service.identify([carols_key], ALICE, WHAT)

    assert known_by_name[0].owned is not None
    assert known.owned is None
    assert [each.what for each in known.unread] == ["its owner"]
    assert known.status == "Active"


@pytest.mark.parametrize("flag", ["deactivated", "guest", "bot", "stranger"])
def test_who_is_no_colleague_is_refused_before_anything_is_asked(
    desk: Desk, carols_key: str, flag: str
) -> None:
    desk.directory.members["UANN"] = person("UANN", **{flag: True})

    with pytest.raises(RefusedError):
        desk.of(carols_key)

    assert desk.calls() == {}
    (event,) = [each for each in desk.service.audit_events() if each.event == "decision.refused"]
    assert event.data["verdict"] == WHAT
    assert carols_key not in str(event)


def test_no_keys_are_refused_alike(desk: Desk) -> None:
    assert desk.service.identify([], ANN, WHAT) == []
    with pytest.raises(RefusedError):
        desk.service.identify([], Actor("slack", "T0AWAY/UANN"), WHAT)
