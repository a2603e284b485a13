"""What holds of a person towards a question: every flag counts, and doubt counts against."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from bot.engine.owner_claims import OwnerRules
from bot.engine.owners import Owners
from bot.engine.people import People
from bot.engine.rules import OPERATOR, OWNER, SECURITY, TRUSTED_OWNER
from bot.engine.standing import Standings
from bot.errors import AwsError
from bot.model import Actor, OwnerClaim, OwnerSource, ProposalRecord
from tests.engine.fake_directory import TEAM, FakeDirectory, person, private_channel
from tests.engine.test_approvals import PROPOSAL

ARN = "arn:aws:iam::111122223333:user/ann"
ANN = Actor("slack", f"{TEAM}/UANN")
TAG = OwnerClaim(OwnerSource.TAGS, "UANN", "tag owner = UANN", "owner")
MAPPED = OwnerClaim(OwnerSource.MAPPING, "UANN", "mapping file: *")
WORD = OwnerClaim(OwnerSource.HANDED_OVER, "UANN", "handed over by slack:T/UBEN")
MADE = OwnerClaim(OwnerSource.CREATOR, "UANN", "CloudTrail")


@pytest.fixture
def directory() -> FakeDirectory:
    return FakeDirectory(
        [person("UANN", email="ann@example.com"), person("USEC"), person("UBEN")],
        groups={"S1": ["USEC"]},
        channels=[private_channel("C1")],
        channel_members={"C1": ["UBEN"]},
    )


def of_claims(*claims: OwnerClaim) -> ProposalRecord:
    return replace(PROPOSAL, claims=claims)


def standings(directory: FakeDirectory, **changes: Any) -> Standings:
    rules = OwnerRules(tuple(OwnerSource), ("owner",), {}, {}, None)
    people = People({"slack:UANN": "ann"})
    known: dict[str, Any] = {
        "directory": directory,
        "owners": Owners(directory, rules, "C1", frozenset({"example.com"})),
        "security_group": ("S1",),
        "tag_holds": lambda _proposal, _claim: True,
        "trusted_word": lambda _proposal: None,
        "arn_of": lambda _proposal: ARN,
        "person": people.person,
    }
    return Standings(**{**known, **changes})


def unread(_proposal: ProposalRecord, _claim: OwnerClaim) -> bool:
    raise AwsError("throttled")


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ((TAG,), {OWNER}),
        ((MAPPED,), {OWNER, TRUSTED_OWNER}),
        ((WORD,), {OWNER}),
        ((MADE,), set()),
        ((), set()),
    ],
)
def test_what_a_claim_gives(
    directory: FakeDirectory, claims: tuple[OwnerClaim, ...], expected: set[str]
) -> None:
    assert standings(directory).of(ANN, of_claims(*claims)).capacities == expected


def test_the_security_groups_word_is_trusted(directory: FakeDirectory) -> None:
    known = standings(directory, trusted_word=lambda _proposal: "UANN")
    strict = replace(known, strict=True)

    assert TRUSTED_OWNER in known.of(ANN, of_claims(WORD)).capacities
    assert TRUSTED_OWNER in strict.of(ANN, of_claims(WORD)).capacities


def test_the_security_groups_word_for_another_is_not_theirs(directory: FakeDirectory) -> None:
    known = standings(directory, trusted_word=lambda _proposal: "UBEN")

    assert known.of(ANN, of_claims(WORD)).capacities == {OWNER}


@pytest.mark.parametrize("claim", [TAG, WORD])
def test_strictly_a_claim_of_whoever_may_tag_gives_nothing(
    directory: FakeDirectory, claim: OwnerClaim
) -> None:
    assert standings(directory, strict=True).of(ANN, of_claims(claim)).capacities == frozenset()


@pytest.mark.parametrize(
    ("holds", "note"),
    [(lambda _p, _c: False, "changed since this was asked"), (unread, "can't be read now")],
)
def test_a_tag_that_changed_or_cant_be_read_gives_nothing(
    directory: FakeDirectory, holds: Callable[..., bool], note: str
) -> None:
    found = standings(directory, tag_holds=holds).of(ANN, of_claims(TAG))

    assert found.capacities == frozenset()
    assert note in found.note


def test_every_combination_of_flags_but_the_plain_one_is_refused(directory: FakeDirectory) -> None:
    """Deactivated, bot, guest, stranger, another workspace: any of them refuses everything."""
    flags = ("deactivated", "bot", "guest", "stranger")
    for values in product((False, True), repeat=len(flags)):
        for team in (TEAM, "T0AWAY"):
            directory.put(person("USEC", team=team, **dict(zip(flags, values, strict=True))))
            found = standings(directory).of(Actor("slack", f"{TEAM}/USEC"), of_claims())
            assert (found.refusal is None) is (not any(values) and team == TEAM)
            if found.refusal is None:
                assert found.capacities == {SECURITY}


@pytest.mark.parametrize(
    "name", ["T0AWAY/USEC", "/USEC", "USEC", f"{TEAM}/", f"{TEAM}/UNOBODY", f"{TEAM}/usec", ""]
)
def test_who_cant_be_told_is_refused(directory: FakeDirectory, name: str) -> None:
    for found in (
        standings(directory).of(Actor("slack", name), of_claims(MAPPED)),
        standings(directory).of_security(Actor("slack", name)),
    ):
        assert found.refusal
        assert found.capacities == frozenset()


def test_slack_silent_is_never_a_yes(directory: FakeDirectory) -> None:
    directory.down = True

    assert "can't be asked" in (standings(directory).of(ANN, of_claims(MAPPED)).refusal or "")
    assert standings(directory).of_security(Actor("slack", f"{TEAM}/USEC")).refusal


def test_operators_are_known_without_slack(directory: FakeDirectory) -> None:
    directory.down = True

    found = standings(directory).of(Actor("local", "alice@desk"), of_claims())

    assert found.capacities == {OPERATOR, SECURITY}


@pytest.mark.parametrize("kind", ["rule", "process", "locksmith", ""])
def test_no_other_actor_is_anyone(directory: FakeDirectory, kind: str) -> None:
    assert standings(directory).of(Actor(kind, f"{TEAM}/USEC"), of_claims(MAPPED)).refusal


class TestChannels:
    """Members of a channel count only where nobody from outside can be one."""

    def test_a_confidential_one(self, directory: FakeDirectory) -> None:
        known = standings(directory, security_group=("C1",))
        assert SECURITY in known.of_security(Actor("slack", f"{TEAM}/UBEN")).capacities

    @pytest.mark.parametrize("flag", [{"private": False}, {"shared": True}, {"archived": True}])
    def test_another_one(self, directory: FakeDirectory, flag: dict[str, bool]) -> None:
        directory.channels["C1"] = private_channel("C1", **flag)
        known = standings(directory, security_group=("C1",), named=frozenset({"C1"}))

        assert known.of_security(Actor("slack", f"{TEAM}/UBEN")).capacities == frozenset()
        assert known.of(Actor("slack", f"{TEAM}/UBEN"), of_claims()).capacities == frozenset()


def test_ids_that_rules_name(directory: FakeDirectory) -> None:
    known = standings(directory, named=frozenset({"S1", "UANN", "C1"}))

    assert known.of(ANN, of_claims()).capacities == {"UANN"}
    assert known.of(Actor("slack", f"{TEAM}/USEC"), of_claims()).capacities == {"S1", SECURITY}


def test_oneself_is_told_by_people(directory: FakeDirectory) -> None:
    role = "arn:aws:iam::111122223333:role/deploy"
    known = standings(directory, subjects={"ann": (role,)}, arn_of=lambda _proposal: role)

    assert known.of(ANN, of_claims()).about_themselves
    assert not known.of(Actor("slack", f"{TEAM}/UBEN"), of_claims()).about_themselves
    assert not standings(directory, subjects={"ann": (role,)}).of(ANN, of_claims()).about_themselves


@pytest.mark.parametrize(
    ("arn", "claim", "about"),
    [
        ("user/ann", MAPPED, True),
        ("user/people/Ann@Example.com", TAG, True),
        ("user/ann", replace(TAG, address="ann@example.com"), True),
        ("user/ann-bot", MAPPED, False),
        ("user/", MAPPED, False),
        ("role/ann", MAPPED, False),
        ("user/ann", replace(MAPPED, address="S2"), False),
        ("user/ann", MADE, False),
    ],
)
def test_a_user_of_ones_own_name_that_one_owns_is_oneself(
    directory: FakeDirectory, arn: str, claim: OwnerClaim, about: bool
) -> None:
    """Owning a machine's user makes nobody that user; nor does a name alone."""
    directory.groups["S2"] = {"UANN"}
    known = standings(directory, arn_of=lambda _proposal: f"arn:aws:iam::111122223333:{arn}")

    assert known.of(ANN, of_claims(claim)).about_themselves is about


def test_without_an_email_nobody_is_a_user_without_a_name(directory: FakeDirectory) -> None:
    directory.put(person("UANN", email=None))
    known = standings(directory, arn_of=lambda _proposal: "arn:aws:iam::111122223333:user/")

    assert not known.of(ANN, of_claims(MAPPED)).about_themselves


@pytest.mark.parametrize(("domain", "within"), [("example.com", True), ("example.org", False)])
def test_the_security_group_by_email_takes_a_verified_domain(
    directory: FakeDirectory, domain: str, within: bool
) -> None:
    directory.put(person("USEC", email=f"sec@{domain}"))
    known = standings(directory, security_group=(f"sec@{domain}",))

    found = known.of_security(Actor("slack", f"{TEAM}/USEC"))

    assert (SECURITY in found.capacities) is within


def test_another_than_who_was_asked_for_is_nobody(directory: FakeDirectory) -> None:
    """Slack answering with someone else's record must not lend it to who clicked."""
    directory.members["UANN"] = person("USEC")

    assert standings(directory).of_security(ANN).refusal


def test_who_clicks_is_looked_up_afresh(directory: FakeDirectory) -> None:
    standings(directory).of_security(ANN)

    assert directory.calls["member"] == directory.fresh_calls["member"] == 1


def test_everything_is_asked_afresh(directory: FakeDirectory) -> None:
    standings(directory, named=frozenset({"C1"})).of(ANN, of_claims(MAPPED))

    assert directory.fresh_calls["member"]
    assert directory.fresh_calls["group"]
    assert directory.fresh_calls["channel_members"]
