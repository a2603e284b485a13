"""Who decides, over everything that can be wrong with a person: one row of 256 lets anyone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from bot.engine.approvals import Approvals
from bot.engine.owner_claims import OwnerRules
from bot.engine.owners import Owners
from bot.engine.people import People
from bot.engine.rules import built_in
from bot.engine.standing import Standing, Standings
from bot.model import Actor, OwnerClaim, OwnerSource, ProposalRecord, Risk, Verdict
from tests.engine.fake_directory import TEAM, FakeDirectory, person
from tests.engine.test_approvals import PROPOSAL, of_risk

AWAY = "T0AWAY"
ARN = "arn:aws:iam::111122223333:user/annas-laptop"
TAG = OwnerClaim(OwnerSource.TAGS, "UANN", "tag owner = UANN", "owner")
MAPPED = OwnerClaim(OwnerSource.MAPPING, "UANN", "mapping file: *")
WORD = OwnerClaim(OwnerSource.HANDED_OVER, "UANN", "handed over")
MADE = OwnerClaim(OwnerSource.CREATOR, "UANN", "CloudTrail")

Flags = tuple[bool, bool, bool, bool, bool, bool, bool, bool]
WRONG = (
    "clicked from elsewhere",
    "belongs elsewhere",
    "deactivated",
    "bot",
    "guest",
    "stranger",
    "unknown to Slack",
    "Slack is down",
)
#: What makes someone a decider: the claims that name them, and the security group.
PLACES: dict[str, tuple[tuple[OwnerClaim, ...], bool]] = {
    "tag": ((TAG,), False),
    "word": ((WORD,), False),
    "mapping": ((MAPPED,), False),
    "creator": ((MADE,), False),
    "security": ((), True),
    "nobody": ((), False),
}


def read(
    flags: Flags, place: str, *, about: bool = False, strict: bool = False
) -> tuple[Actor, Standing, ProposalRecord]:
    """What holds of someone with these flags in this place."""
    away, foreign, deactivated, bot, guest, stranger, unknown, down = flags
    claims, secures = PLACES[place]
    member = person(
        "UANN",
        team=AWAY if foreign else TEAM,
        deactivated=deactivated,
        bot=bot,
        guest=guest,
        stranger=stranger,
    )
    directory = FakeDirectory([] if unknown else [member], groups={"S1": ["UANN"] * secures})
    rules = OwnerRules(tuple(OwnerSource), ("owner",), {}, {}, None)
    standings = Standings(
        directory,
        Owners(directory, rules, "C1", frozenset()),
        ("S1",),
        tag_holds=lambda _proposal, _claim: True,
        trusted_word=lambda _proposal: None,
        arn_of=lambda _proposal: ARN,
        person=People({"slack:UANN": "ann"}).person,
        subjects={"ann": (ARN,)} if about else {},
        strict=strict,
    )
    directory.down = down
    actor = Actor("slack", f"{AWAY if away else TEAM}/UANN")
    asked = replace(PROPOSAL, claims=claims)
    return actor, standings.of(actor, asked), asked


def acts(
    approvals: Approvals, actor: Actor, standing: Standing, asked: ProposalRecord
) -> dict[str, str | None]:
    """Why each thing that someone can do to a question is refused, or None."""

    def decide(verdict: Verdict) -> str | None:
        return approvals.objection(verdict, asked, asked.digest, actor, standing=standing)

    return {
        "approve": decide(Verdict.APPROVE),
        "deny": decide(Verdict.DENY),
        "snooze": decide(Verdict.SNOOZE),
        "exempt": approvals.exempts(asked, standing),
        "confirm": approvals.confirms_exemption(asked, standing),
        "secure": approvals.secures(standing),
        "still": approvals.still_approves(asked, standing),
    }


def every_wrong() -> Iterator[Flags]:
    for flags in product((False, True), repeat=len(WRONG)):
        if any(flags):
            yield flags  # type: ignore[misc]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("place", PLACES)
def test_anything_wrong_refuses_everything(place: str, *, strict: bool) -> None:
    approvals = Approvals(alone=False, strict=strict)
    for flags in every_wrong():
        actor, standing, asked = read(flags, place, strict=strict)
        assert all(acts(approvals, actor, standing, asked).values()), (flags, place)
        assert standing.capacities == frozenset()


RIGHT: Flags = (False,) * 8
EVERY = {"approve", "deny", "snooze", "exempt", "confirm", "still"}


@pytest.mark.parametrize(
    ("place", "risk", "may"),
    [
        ("tag", Risk.REVERSIBLE, EVERY - {"confirm"}),
        ("tag", Risk.DISRUPTIVE, {"deny", "snooze", "exempt"}),
        ("tag", Risk.IRREVERSIBLE, {"deny", "snooze", "exempt"}),
        ("word", Risk.REVERSIBLE, EVERY - {"confirm"}),
        ("word", Risk.DISRUPTIVE, {"deny", "snooze", "exempt"}),
        ("word", Risk.IRREVERSIBLE, {"deny", "snooze", "exempt"}),
        ("mapping", Risk.REVERSIBLE, EVERY),
        ("mapping", Risk.DISRUPTIVE, EVERY),
        ("mapping", Risk.IRREVERSIBLE, EVERY),
        ("security", Risk.REVERSIBLE, EVERY | {"secure"}),
        ("security", Risk.DISRUPTIVE, EVERY | {"secure"}),
        ("security", Risk.IRREVERSIBLE, EVERY | {"secure"}),
        ("creator", Risk.REVERSIBLE, set()),
        ("nobody", Risk.REVERSIBLE, set()),
    ],
)
def test_what_a_fit_person_may_do(place: str, risk: Risk, may: set[str]) -> None:
    actor, standing, asked = read(RIGHT, place)
    of = of_risk(risk)
    asked = replace(asked, plan=of.plan, digest=of.digest)

    refused = acts(Approvals(alone=False), actor, standing, asked)

    assert {act for act, why in refused.items() if why is None} == may


@pytest.mark.parametrize("place", ["tag", "word"])
def test_strictly_nobodys_claim_gives_anything(place: str) -> None:
    actor, standing, asked = read(RIGHT, place, strict=True)

    assert all(acts(Approvals(alone=False, strict=True), actor, standing, asked).values())


@pytest.mark.parametrize("place", ["tag", "word", "mapping", "security"])
@pytest.mark.parametrize("strict", [False, True])
def test_nobody_keeps_their_own_access(place: str, *, strict: bool) -> None:
    """Whatever their place, the security group's too: giving up is theirs, unless it is strict."""
    approvals = Approvals(alone=False, strict=strict)
    actor, standing, asked = read(RIGHT, place, about=True, strict=strict)

    refused = acts(approvals, actor, standing, asked)

    assert standing.about_themselves
    assert refused["deny"]
    assert refused["exempt"]
    assert refused["confirm"]
    assert approvals.puts_off(standing, timedelta(days=8), reason="x", again=False)
    assert approvals.puts_off(standing, timedelta(days=1), reason="x", again=True)
    assert (refused["approve"] is None) is not strict


@pytest.mark.parametrize("before", [(TAG,), (MAPPED,), ()])
def test_a_tag_written_by_whoever_may_tag_adds_no_right(before: tuple[OwnerClaim, ...]) -> None:
    """`UEVE` tags what is someone else's, or nobody's, and takes the tag back."""
    directory = FakeDirectory([person("UANN"), person("UEVE")])
    rules = OwnerRules(tuple(OwnerSource), ("owner",), {}, {}, None)
    standings = Standings(
        directory,
        Owners(directory, rules, "C1", frozenset()),
        (),
        tag_holds=lambda _proposal, _claim: False,
        trusted_word=lambda _proposal: None,
        arn_of=lambda _proposal: None,
        person=str,
    )
    hers = OwnerClaim(OwnerSource.TAGS, "UEVE", "tag owner = UEVE", "owner")
    asked = replace(PROPOSAL, claims=(*before, hers))

    found = standings.of(Actor("slack", f"{TEAM}/UEVE"), asked)

    assert found.capacities == frozenset()


def test_the_built_in_rules_leave_nothing_unruled() -> None:
    for risk in Risk:
        assert [rule for rule in built_in(2) if rule.matches(of_risk(risk))]
