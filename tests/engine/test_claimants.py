"""Claims are fixed when a question is made: who tags a thing later gains nothing (SAFETY: T7)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from bot.aws.reading import read
from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.claimants import Claimants
from bot.engine.creators import Creators
from bot.engine.owner_claims import OwnerRules
from bot.engine.owner_mapping import MappedOwner
from bot.engine.owners import Owners
from bot.engine.tags import still_says
from bot.model import Actor, OwnerSource, ProposalRecord, ProposalState
from bot.store import accounts, handovers, proposals
from bot.store.database import Store
from tests.aws.conftest import error_answer
from tests.conftest import NOON, StandingClock
from tests.engine.fake_directory import FakeDirectory, person
from tests.engine.house import ALICE, House, house

CONTROL = "unused-access-key"
RULES = OwnerRules(
    sources=(OwnerSource.HANDED_OVER, OwnerSource.MAPPING, OwnerSource.TAGS, OwnerSource.CREATOR),
    tags=("owner", "contact"),
    teams={},
    accounts={},
    default=None,
)
MAPPED = OwnerRules(
    sources=RULES.sources,
    tags=RULES.tags,
    teams={},
    accounts={},
    default=None,
    mapping=(MappedOwner(match="arn:aws:iam::*:user/web", owner="U0ANN"),),
)
Build = Callable[[OwnerRules], House]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountBuilder]:
    """An account with web, whose idle key is young enough to have a known maker."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_account(NOON) as builder:
        builder.user("web", created=builder.ago(days=400), tags={"owner": "U0ANN"})
        key = builder.key("web", created=builder.ago(days=80), last_used=builder.ago(days=70))
        session = f"arn:aws:sts::{builder.account_id}:assumed-role/Admins/ben@example.com"
        builder.made_by(session, key=key)
        yield builder


@pytest.fixture
def build(account: AccountBuilder, store: Store, clock: StandingClock) -> Iterator[Build]:
    """Builds a house whose questions know their owners."""
    with ExitStack() as stack:

        def made(rules: OwnerRules) -> House:
            claimants = Claimants(rules, Creators((), frozenset({"example.com"})))
            return stack.enter_context(
                house(account, store, clock, only=(CONTROL,), claims_for=claimants)
            )

        yield made


def slack() -> FakeDirectory:
    return FakeDirectory([person("U0ANN"), person("U0BEN", email="ben@example.com"), MALLORY])


MALLORY = person("U0MALLORY", email="mallory@example.com")


def owners(rules: OwnerRules) -> Owners:
    return Owners(slack(), rules, "C0SECURITY", frozenset({"example.com"}))


def question(home: House) -> ProposalRecord:
    view = home.only(CONTROL)
    assert view.proposal is not None
    return view.proposal


def tag(account: AccountBuilder, key: str = "owner", value: str = "U0MALLORY") -> None:
    """What anyone with iam:TagUser can do."""
    account.client().tag_user(UserName="web", Tags=[{"Key": key, "Value": value}])


def sources(proposal: ProposalRecord) -> list[tuple[str, str]]:
    return [(claim.source.value, claim.address) for claim in proposal.claims]


def test_a_question_knows_its_owners(build: Build) -> None:
    found = question(build(MAPPED))

    assert sources(found) == [
        ("mapping", "U0ANN"),
        ("tags", "U0ANN"),
        ("creator", "ben@example.com"),
    ]
    owned = owners(MAPPED).resolve(found)
    assert (owned.recipients, owned.told) == (("U0ANN",), ("U0BEN",))


def test_what_the_owner_may_be_behind_is_asked_of_security_alone(
    account: AccountBuilder, store: Store, clock: StandingClock
) -> None:
    """AWS knows a key of web as leaked: neither its tag nor the mapping makes anyone its owner."""
    leaked = "compromised-key-quarantined"
    account.attach("AWSCompromisedKeyQuarantineV3", user="web")
    with house(account, store, clock, only=(leaked,), claims_for=Claimants(MAPPED)) as home:
        asked = home.only(leaked).proposal
    assert asked is not None
    assert sources(asked) == [("security", "")]
    owned = owners(MAPPED).resolve(asked)
    assert owned.recipients == ("C0SECURITY",)
    assert "may be who got in" in owned.claim.because
    assert not owners(MAPPED).owns(asked, "U0ANN")


def test_without_rules_a_question_has_none(
    account: AccountBuilder, store: Store, clock: StandingClock
) -> None:
    with house(account, store, clock, only=(CONTROL,)) as home:
        assert question(home).claims == ()


def test_what_was_handed_over_is_read_with_the_question(
    account: AccountBuilder, build: Build, store: Store
) -> None:
    home = build(RULES)
    user_id = account.iam.get_user("web").id
    with store.write() as tx:
        accounts.ensure_account(tx, home.connection.account)
        sam = Actor("slack", "T0HOME/U0SAM")
        handovers.hand_over(tx, home.connection.account, user_id, "U0BEN", sam, trusted=True)

    assert sources(question(home))[0] == ("handed-over", "U0BEN")


def test_an_open_question_keeps_its_claims_and_is_not_looked_up_again(
    account: AccountBuilder, build: Build
) -> None:
    home = build(RULES)
    before = question(home)
    looked_up = home.connection.calls["cloudtrail:LookupEvents"]
    tag(account)

    after = question(home)

    assert (after.id, after.claims) == (before.id, before.claims)
    assert looked_up == 1
    assert home.connection.calls["cloudtrail:LookupEvents"] == 1


def test_an_undo_is_the_business_of_the_same_owners(build: Build) -> None:
    home = build(RULES)
    view = home.only(CONTROL)
    assert view.proposal is not None
    home.live()
    done = home.fix(view)

    undo = home.service.undo(done.id, ALICE)

    assert undo.proposal.claims == view.proposal.claims != ()


def full_admin(account: AccountBuilder) -> None:
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [everything]}
    arn = account.policy("all-of-it", document, tags={"owner": "U0BEN"})
    account.attach(arn, user="web")


@pytest.mark.parametrize("readable", [True, False])
def test_a_policys_tags_are_read_for_its_question(
    account: AccountBuilder, store: Store, clock: StandingClock, readable: bool
) -> None:
    """AWS's census leaves them out; where they can't be read nobody is named."""
    full_admin(account)

    with house(
        account, store, clock, only=("full-admin-policy",), claims_for=Claimants(RULES)
    ) as home:
        if not readable:
            home.connection.reader("iam").meta.events.register_first(
                "before-send.iam.GetPolicy", lambda **_: error_answer("AccessDenied", "no")
            )
        view = home.only("full-admin-policy")

    assert view.proposal is not None
    assert sources(view.proposal) == ([("tags", "U0BEN")] if readable else [])


# T7: Mallory tags web with her own name


@contextmanager
def no_added_right(home: House, rules: OwnerRules, store: Store) -> Iterator[None]:
    """After the block Mallory still owns nothing of the question that was there before it."""
    asked = owners(rules)
    before = question(home)
    assert asked.owns(before, "U0MALLORY") == ()

    yield

    with store.read() as tx:
        after = proposals.get_proposal(tx, before.id)
    assert asked.owns(after, "U0MALLORY") == ()
    assert asked.resolve(after).recipients == ("U0ANN",)
    assert after.claims == before.claims


ATTACKS = [("owner", "U0MALLORY"), ("owner", "mallory@example.com"), ("contact", "U0MALLORY")]


@pytest.mark.parametrize(("key", "value"), ATTACKS)
def test_a_tag_before_the_scan_gives_no_right_against_a_better_source(
    account: AccountBuilder, build: Build, key: str, value: str
) -> None:
    tag(account, key, value)

    found = question(build(MAPPED))

    assert ("tags", value) in sources(found)
    assert owners(MAPPED).owns(found, "U0MALLORY") == ()
    assert owners(MAPPED).resolve(found).recipients == ("U0ANN",)


def test_a_tag_before_the_scan_is_known_as_no_more_than_a_tag(
    account: AccountBuilder, build: Build
) -> None:
    """Where nothing better is known a tag may name the owner: whoever decides sees it is one."""
    tag(account)

    found = question(build(RULES))

    [claim] = owners(RULES).owns(found, "U0MALLORY")
    assert (claim.source, claim.tag) == (OwnerSource.TAGS, "owner")


@pytest.mark.parametrize("rules", [RULES, MAPPED], ids=["tags only", "mapping first"])
@pytest.mark.parametrize(("key", "value"), ATTACKS)
@pytest.mark.parametrize("moment", ["after the question", "after another scan", "after the yes"])
def test_a_tag_after_the_question_gives_no_right(
    account: AccountBuilder,
    build: Build,
    store: Store,
    rules: OwnerRules,
    key: str,
    value: str,
    moment: str,
) -> None:
    home = build(rules)
    with no_added_right(home, rules, store):
        if moment == "after the yes":
            home.live()
            home.approve(home.only(CONTROL))
        tag(account, key, value)
        if moment == "after another scan":
            home.scan()


def test_a_tag_that_was_changed_since_gives_nobody_a_right(
    account: AccountBuilder, build: Build
) -> None:
    home = build(RULES)
    view = home.only(CONTROL)
    found = question(home)
    [claim] = owners(RULES).owns(found, "U0ANN")

    def holds() -> bool:
        account_id = view.record.account.id
        return still_says(
            view.record.finding, claim, account_id, lambda call: read(home.connection, call)
        )

    assert holds()
    tag(account)
    assert not holds()
    assert owners(RULES).owns(found, "U0MALLORY") == ()


def test_a_question_made_anew_has_the_claims_of_its_own_time(
    account: AccountBuilder, build: Build, clock: StandingClock
) -> None:
    home = build(RULES)
    first = question(home)
    home.service.deny(first.id, "not now", ALICE)
    tag(account, value="U0BEN")
    home.pass_time(days=31)

    second = question(home)

    assert second.id != first.id
    assert second.state is ProposalState.PROPOSED
    assert ("tags", "U0BEN") in sources(second)
