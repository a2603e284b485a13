"""Who is asked about something: every source, every way out, and who may answer as the owner."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from bot.engine.owner_claims import OwnerRules, claims, key_readers, untold_owners
from bot.engine.owner_mapping import MappedOwner
from bot.engine.owners import Owned, Owners
from bot.engine.reaching import MOST
from bot.model import (
    Account,
    Address,
    DirectoryError,
    KeyReference,
    Manual,
    Origin,
    OwnerClaim,
    OwnerSource,
    Part,
    ProposalRecord,
    ProposalState,
    Resource,
    Snapshot,
    User,
)
from bot.store.handovers import Handover
from tests.conftest import NOON
from tests.engine.fake_directory import FakeDirectory, person, private_channel

HOME = Account("123456789012")
SECURITY = "C0SECURITY"
USER = Resource("user", "web", HOME.iam_arn("user/apps/web"), "AIDAWEB")
KEY = Resource(
    "access-key",
    "web's key",
    USER.arn,
    "AKIAWEB",
    KeyReference("web", "AIDAWEB", 1, NOON, "AKIAWEB"),
)
DEFAULTS = OwnerRules(
    sources=tuple(source for source in OwnerSource if source is not OwnerSource.SECURITY),
    tags=("owner", "contact", "team"),
    teams={"web": "S0WEB", "ann": "U0ANN"},
    accounts={},
    default=None,
)


def handed(address: str) -> Handover:
    return Handover(address, "slack:T0HOME/U0SAM", trusted=False, at=NOON)


@pytest.mark.parametrize(
    ("tags", "sources", "expected"),
    [
        pytest.param({}, DEFAULTS.sources, "U0HANDED", id="somebody's word before the file"),
        pytest.param({}, (OwnerSource.MAPPING,), "U0MAPPED", id="the file alone"),
        pytest.param({}, (OwnerSource.DEFAULT, OwnerSource.ACCOUNT), None, id="not of the account"),
        pytest.param({"owner": " "}, DEFAULTS.sources, "U0HANDED", id="an empty tag"),
        pytest.param({"team": "web"}, DEFAULTS.sources, None, id="a tag names one"),
    ],
)
def test_owners_whom_no_tag_names(
    tags: Mapping[str, str], sources: tuple[OwnerSource, ...], expected: str | None
) -> None:
    """Only what was said of the very user counts, and only where no tag says it."""
    rules = replace(
        DEFAULTS,
        sources=sources,
        mapping=(MappedOwner(match="*:user/web", owner="U0MAPPED"),),
        accounts={HOME.id: "U0ACCOUNT"},
        default="U0DEFAULT",
    )
    user = User("web", "AIDAWEB", USER.arn, "/apps/", NOON, tags=tags)
    snapshot = Snapshot(HOME, NOON, parts={Part.USERS: (user,)})
    given = {"AIDAWEB": handed("U0HANDED")}
    found = untold_owners(rules, snapshot, given)
    assert found == ({"AIDAWEB": expected} if expected else {})


def claimed(
    rules: OwnerRules = DEFAULTS,
    tags: Mapping[str, str] | None = None,
    handovers: Mapping[str, Handover] | None = None,
    resource: Resource = USER,
    creators: tuple[OwnerClaim, ...] = (),
) -> tuple[OwnerClaim, ...]:
    return claims(resource, HOME, tags or {}, rules, handovers or {}, creators)


def asking(*about: OwnerClaim) -> ProposalRecord:
    return ProposalRecord(
        id="p-1",
        account=HOME,
        subject="AIDAWEB",
        origin=Origin.FINDING,
        state=ProposalState.PROPOSED,
        digest="sha256:00",
        plan=Manual(HOME, "AIDAWEB", "by hand", ()),
        control="a-control",
        finding_id="f-1",
        created_at=NOON,
        changed_at=NOON,
        claims=about,
    )


def tagged(address: str, tag: str = "owner") -> OwnerClaim:
    return OwnerClaim(OwnerSource.TAGS, address, f"tag {tag} = {address}", tag)


def mapped(address: str) -> OwnerClaim:
    return OwnerClaim(OwnerSource.MAPPING, address, "mapping file: arn:*")


DEFAULT = OwnerClaim(OwnerSource.DEFAULT, "U0DAN", "the default owner")


def workplace() -> FakeDirectory:
    """Ann, Ben and Dan are fit; everyone and everything else has one flaw."""
    many = [f"U0M{number}" for number in range(MOST + 1)]
    return FakeDirectory(
        [
            person("U0ANN", email="Ann@Example.com"),
            person("U0BEN", email="ben@example.com"),
            person("U0DAN"),
            person("U0GONE", email="alice@example.com", deactivated=True),
            person("U0GUEST", guest=True),
            person("U0BOT", bot=True),
            person("U0STRANGER", stranger=True),
            person("U0OTHER", team="T0OTHER"),
            person("U0ELSE", email="else@elsewhere.example"),
            *(person(user) for user in many),
        ],
        groups={
            "S0WEB": ["U0BEN", "U0ANN"],
            "S0MIXED": ["U0GUEST", "U0GONE", "U0NOBODY", "U0ANN"],
            "S0UNFIT": ["U0GUEST", "U0BOT"],
            "S0EIGHT": [*many[:MOST], "U0GONE"],
            "S0MANY": many,
        },
        channels=[
            private_channel("C0TEAM"),
            private_channel("C0PUBLIC", private=False),
            private_channel("C0SHARED", shared=True),
            private_channel("C0OLD", archived=True),
        ],
        channel_members={"C0TEAM": ["U0ANN", "U0GUEST"], "C0PUBLIC": ["U0ANN"]},
    )


def owners(
    directory: FakeDirectory, rules: OwnerRules = DEFAULTS, channel: str | None = SECURITY
) -> Owners:
    return Owners(directory, rules, channel, frozenset({"Example.com"}))


def resolved(*about: OwnerClaim, rules: OwnerRules = DEFAULTS) -> Owned:
    return owners(workplace(), rules).resolve(asking(*about))


# What the sources claim


@pytest.mark.parametrize(
    ("rules", "tags", "handovers", "expected"),
    [
        (DEFAULTS, {}, {"AIDAWEB": handed("U0ANN")}, (OwnerSource.HANDED_OVER, "U0ANN", None)),
        (DEFAULTS, {"owner": "U0ANN"}, {}, (OwnerSource.TAGS, "U0ANN", "owner")),
        (DEFAULTS, {"team": "web"}, {}, (OwnerSource.TAGS, "web", "team")),
        (
            replace(DEFAULTS, mapping=(MappedOwner(match="arn:*:user/web", owner="U0ANN"),)),
            {},
            {},
            (OwnerSource.MAPPING, "U0ANN", None),
        ),
        (
            replace(DEFAULTS, accounts={HOME.id: "S0WEB", "210987654321": "U0BEN"}),
            {},
            {},
            (OwnerSource.ACCOUNT, "S0WEB", None),
        ),
        (replace(DEFAULTS, default="U0DAN"), {}, {}, (OwnerSource.DEFAULT, "U0DAN", None)),
    ],
)
def test_each_source_claims(
    rules: OwnerRules,
    tags: Mapping[str, str],
    handovers: Mapping[str, Handover],
    expected: tuple[OwnerSource, str, str | None],
) -> None:
    [claim] = claimed(rules, tags, handovers)

    assert (claim.source, claim.address, claim.tag) == expected
    assert claim.because


def test_who_reads_new_secrets_stands_in_the_first_entry_that_fits() -> None:
    """An entry without a reader names nobody, whatever stands below it."""
    reader = "arn:aws:iam::123456789012:role/web"
    rules = replace(
        DEFAULTS,
        mapping=(
            MappedOwner(match="*:user/api", owner="U01"),
            MappedOwner(match="*:user/apps/*", owner="U01", reader=reader),
            MappedOwner(match="*:user/api", owner="U01", reader=reader),
        ),
    )
    users = tuple(
        User(name, f"AIDA{name}", HOME.iam_arn(f"user{path}{name}"), path, NOON)
        for name, path in (("web", "/apps/"), ("api", "/"))
    )
    snapshot = Snapshot(HOME, NOON, parts={Part.USERS: users})
    assert key_readers(rules, snapshot) == {"AIDAweb": reader}


def test_a_claim_says_how_it_is_known() -> None:
    rules = replace(
        DEFAULTS,
        mapping=(MappedOwner(match="arn:*", owner="U0ANN", manager="U0BEN"),),
        default="C0X",
    )

    found = claimed(rules, {"owner": " ann "}, {"AIDAWEB": handed("U0DAN")})

    assert sorted(claim.because for claim in found) == [
        "handed over by slack:T0HOME/U0SAM on 2026-11-24",
        "manager in the mapping file: arn:*",
        "mapping file: arn:*",
        "tag owner = ann",
        "the default owner",
    ]


@pytest.mark.parametrize(
    ("tags", "addresses"),
    [
        ({}, []),
        ({"Name": "U0ANN", "Owner": "U0ANN"}, []),
        ({"owner": "  "}, []),
        ({"team": "web", "owner": "ann@example.com"}, ["ann@example.com", "web"]),
        ({"owner": "ann@example.com", "contact": "U0BEN"}, ["U0BEN", "ann@example.com"]),
        ({"owner": "ann@example.com", "team": "S0WEB"}, ["ann@example.com", "S0WEB"]),
    ],
)
def test_tags_are_read_by_key_in_order_and_a_persons_id_wins(
    tags: Mapping[str, str], addresses: list[str]
) -> None:
    assert [claim.address for claim in claimed(tags=tags)] == addresses


def test_sources_speak_in_the_configured_order_and_only_those() -> None:
    rules = replace(
        DEFAULTS,
        sources=(OwnerSource.DEFAULT, OwnerSource.TAGS, OwnerSource.SECURITY),
        accounts={HOME.id: "U0BEN"},
        default="U0DAN",
    )

    found = claimed(rules, {"owner": "U0ANN"}, {"AIDAWEB": handed("U0BEN")})

    assert [claim.source for claim in found] == [OwnerSource.DEFAULT, OwnerSource.TAGS]


def test_the_first_pattern_that_matches_counts() -> None:
    entries = (
        MappedOwner(match="arn:aws:iam::*:user/other", owner="U0DAN"),
        MappedOwner(match="arn:aws:iam::*:user/apps/*", owner="U0ANN"),
        MappedOwner(match="arn:*", owner="U0BEN"),
    )

    assert [c.address for c in claimed(replace(DEFAULTS, mapping=entries))] == ["U0ANN"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"AKIAWEB": handed("U0ANN"), "AIDAWEB": handed("U0BEN")}, ["U0ANN"]),
        ({"AIDAWEB": handed("U0BEN")}, ["U0BEN"]),
        ({"AIDAELSE": handed("U0BEN")}, []),
    ],
)
def test_a_key_is_whose_it_was_given_to_or_whose_user_was(
    given: Mapping[str, Handover], expected: list[str]
) -> None:
    assert [claim.address for claim in claimed(handovers=given, resource=KEY)] == expected


# Whom that reaches


@pytest.mark.parametrize(
    ("address", "recipients"),
    [
        ("U0ANN", ("U0ANN",)),
        ("ann@example.com", ("U0ANN",)),
        ("ANN@EXAMPLE.COM", ("U0ANN",)),
        ("ann", ("U0ANN",)),
        ("web", ("U0ANN", "U0BEN")),
        ("S0WEB", ("U0ANN", "U0BEN")),
        ("S0MIXED", ("U0ANN",)),
        ("S0EIGHT", tuple(f"U0M{number}" for number in range(MOST))),
        ("C0TEAM", ("C0TEAM",)),
    ],
)
def test_an_owner_who_can_be_reached_is_asked(address: str, recipients: tuple[str, ...]) -> None:
    owned = resolved(tagged(address), DEFAULT)

    assert owned == Owned(recipients, tagged(address))


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("U0GONE", "is deactivated"),
        ("alice@example.com", "is deactivated"),
        ("U0GUEST", "is a guest"),
        ("U0BOT", "is a bot"),
        ("U0STRANGER", "is from outside the workspace"),
        ("U0OTHER", "belongs to another workspace"),
        ("U0NOBODY", "is not in Slack"),
        ("nobody@example.com", "is not in Slack"),
        ("else@elsewhere.example", "has an e-mail address of a domain that isn't verified"),
        ("ann@sub.example.com", "has an e-mail address of a domain that isn't verified"),
        ("ann@notexample.com", "has an e-mail address of a domain that isn't verified"),
        ("S0UNFIT", "is a user group in which nobody can be asked"),
        ("S0NONE", "is a user group in which nobody can be asked"),
        ("C0PUBLIC", "is a public channel"),
        ("C0SHARED", "is a channel shared with another company"),
        ("C0OLD", "is an archived channel"),
        ("C0NONE", "is a channel that Locksmith can't see"),
        ("somebody", "is neither a Slack id nor an e-mail address"),
        ("Web", "is neither a Slack id nor an e-mail address"),
        ("<!channel>", "is neither a Slack id nor an e-mail address"),
        ("ann@example.com, ben@example.com", "is neither a Slack id nor an e-mail address"),
        # KELVIN SIGN: in lower case it is a plain k.
        ("ann@\u212aexample.com", "is neither a Slack id nor an e-mail address"),
    ],
)
def test_one_who_cannot_be_reached_is_passed_over_with_the_reason(address: str, why: str) -> None:
    said = f"owner {address} (tag owner) {why}"

    assert resolved(tagged(address), DEFAULT) == Owned(("U0DAN",), DEFAULT, (said,))

    alone = resolved(tagged(address))
    assert alone.recipients == (SECURITY,)
    assert alone.claim.source is OwnerSource.SECURITY
    assert alone.passed_over == (said,)
    assert alone.claim.because == "no owner could be reached"


def test_an_address_of_an_unverified_domain_is_never_looked_up() -> None:
    directory = workplace()

    owners(directory).resolve(asking(tagged("else@elsewhere.example")))

    assert directory.calls["by_email"] == 0


def test_whom_slack_knows_by_another_address_is_not_meant() -> None:
    class Alias(FakeDirectory):
        def by_email(self, email: str):  # type: ignore[no-untyped-def]
            return self.members["U0ANN"]

    directory = Alias([person("U0ANN", email="ann@example.com")])

    owned = owners(directory).resolve(asking(tagged("root@example.com")))

    assert owned.recipients == (SECURITY,)
    assert owned.passed_over == (
        "owner root@example.com (tag owner) has another e-mail address in Slack",
    )


def test_too_many_members_are_not_asked_one_by_one_and_nobody_else_is() -> None:
    owned = resolved(tagged("S0MANY"), DEFAULT)

    assert owned.recipients == (SECURITY,)
    assert owned.claim.source is OwnerSource.SECURITY
    assert owned.passed_over == ("owner S0MANY (tag owner) has more than 8 members to ask",)


def test_every_one_before_the_owner_is_told_of() -> None:
    handed_over = OwnerClaim(OwnerSource.HANDED_OVER, "U0GONE", "said so")

    owned = resolved(handed_over, mapped("C0PUBLIC"), tagged("ann@example.com"), DEFAULT)

    assert owned.recipients == ("U0ANN",)
    assert owned.passed_over == (
        "owner U0GONE (handed-over) is deactivated",
        "owner C0PUBLIC (mapping) is a public channel",
    )


def test_where_no_source_knows_anyone_security_is_asked() -> None:
    owned = resolved()

    assert owned.recipients == (SECURITY,)
    assert owned.claim == OwnerClaim(OwnerSource.SECURITY, SECURITY, "no source knows an owner")


def test_without_a_security_channel_nobody_is_asked() -> None:
    owned = owners(workplace(), channel=None).resolve(asking(tagged("U0GONE")))

    assert owned.recipients == ()
    assert owned.claim.source is OwnerSource.SECURITY


def test_names_of_the_configuration_stand_for_someone_in_tags_only() -> None:
    assert resolved(mapped("ann"), DEFAULT).recipients == ("U0DAN",)


def made(address: str) -> OwnerClaim:
    return OwnerClaim(OwnerSource.CREATOR, address, "CreateUser by someone")


@pytest.mark.parametrize(
    ("about", "recipients", "told"),
    [
        ((made("U0ANN"),), (SECURITY,), ("U0ANN",)),
        ((made("ben@example.com"), tagged("U0ANN")), ("U0ANN",), ("U0BEN",)),
        ((made("U0ANN"), tagged("U0ANN")), ("U0ANN",), ()),
        ((made("U0GONE"), DEFAULT), ("U0DAN",), ()),
        ((made("U0ANN"), made("ann@example.com"), DEFAULT), ("U0DAN",), ("U0ANN",)),
    ],
)
def test_a_creator_is_told_and_never_asked(
    about: tuple[OwnerClaim, ...], recipients: tuple[str, ...], told: tuple[str, ...]
) -> None:
    owned = resolved(*about)

    assert (owned.recipients, owned.told) == (recipients, told)
    assert owned.claim.source is not OwnerSource.CREATOR
    assert owned.passed_over == ()


def test_slack_in_silence_makes_nobody_an_owner() -> None:
    directory = workplace()
    directory.down = True
    asked = owners(directory)

    for question in (
        lambda: asked.resolve(asking(tagged("U0ANN"))),
        lambda: asked.owns(asking(tagged("U0ANN")), "U0ANN"),
        lambda: asked.manager(asking(tagged("U0ANN"))),
        lambda: asked.recipients(Address.parse("U0ANN")),
    ):
        with pytest.raises(DirectoryError):
            question()


# Who may answer as the owner


@pytest.mark.parametrize(
    ("about", "user", "by"),
    [
        ((tagged("U0ANN"),), "U0ANN", [OwnerSource.TAGS]),
        ((tagged("U0ANN"),), "U0BEN", []),
        ((tagged("ann@example.com"),), "U0ANN", [OwnerSource.TAGS]),
        ((tagged("ann@example.com"),), "U0BEN", []),
        ((tagged("else@elsewhere.example"),), "U0ELSE", []),
        ((tagged("web"),), "U0BEN", [OwnerSource.TAGS]),
        ((mapped("S0WEB"),), "U0ANN", [OwnerSource.MAPPING]),
        ((mapped("S0MANY"),), "U0M3", [OwnerSource.MAPPING]),
        ((mapped("S0MIXED"),), "U0GUEST", []),
        ((mapped("C0TEAM"),), "U0ANN", [OwnerSource.MAPPING]),
        ((mapped("C0TEAM"),), "U0BEN", []),
        ((mapped("C0TEAM"),), "U0GUEST", []),
        ((mapped("C0PUBLIC"),), "U0ANN", []),
        ((mapped("C0SHARED"),), "U0ANN", []),
        ((mapped("U0GONE"),), "U0GONE", []),
        ((mapped("U0OTHER"),), "U0OTHER", []),
        ((mapped("U0NOBODY"),), "U0NOBODY", []),
        ((made("U0ANN"),), "U0ANN", []),
        ((), "U0ANN", []),
        # The one that holds ends the row, an unreachable one doesn't.
        ((mapped("U0GONE"), tagged("U0ANN")), "U0ANN", [OwnerSource.TAGS]),
        ((mapped("U0BEN"), tagged("U0ANN")), "U0ANN", []),
        ((mapped("S0MANY"), tagged("U0ANN")), "U0ANN", []),
        ((mapped("C0TEAM"), tagged("U0BEN")), "U0BEN", []),
        ((tagged("U0ANN"), DEFAULT), "U0DAN", []),
        # The manager and the owner's team may answer as well.
        ((mapped("U0BEN"), mapped("U0ANN")), "U0ANN", [OwnerSource.MAPPING]),
        ((tagged("U0ANN"), tagged("web", "team")), "U0BEN", [OwnerSource.TAGS]),
        ((mapped("U0DAN"), tagged("web", "team")), "U0BEN", []),
        ((tagged("U0DAN"), tagged("U0ANN", "contact")), "U0ANN", []),
    ],
)
def test_who_owns_what(about: tuple[OwnerClaim, ...], user: str, by: list[OwnerSource]) -> None:
    found = owners(workplace()).owns(asking(*about), user)

    assert [claim.source for claim in found] == by


def loses_their_account(directory: FakeDirectory) -> None:
    directory.put(person("U0ANN", deactivated=True))


def leaves_the_group(directory: FakeDirectory) -> None:
    directory.groups["S0WEB"].discard("U0ANN")


def becomes_a_guest(directory: FakeDirectory) -> None:
    directory.put(person("U0ANN", guest=True))


@pytest.mark.parametrize("change", [loses_their_account, leaves_the_group, becomes_a_guest])
def test_what_changed_in_slack_counts_at_once(change: Callable[[FakeDirectory], None]) -> None:
    directory = workplace()
    asked, question = owners(directory), asking(mapped("S0WEB"))
    assert asked.owns(question, "U0ANN")

    change(directory)

    assert asked.owns(question, "U0ANN") == ()
    assert directory.fresh_calls["member"] == 2
    assert directory.fresh_calls["group"] >= 1


def test_membership_of_a_channel_is_asked_afresh() -> None:
    directory = workplace()
    asked, question = owners(directory), asking(mapped("C0TEAM"))

    assert asked.owns(question, "U0ANN")
    directory.channels["C0TEAM"] = private_channel("C0TEAM", shared=True)

    assert asked.owns(question, "U0ANN") == ()
    assert directory.fresh_calls["channel"] == 2
    assert directory.fresh_calls["channel_members"] == 1


# Whom to turn to next


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ((mapped("U0ANN"), mapped("U0BEN")), "U0BEN"),
        ((mapped("U0ANN"), mapped("ben@example.com")), "ben@example.com"),
        ((mapped("U0ANN"), mapped("U0GONE")), None),
        ((mapped("U0GONE"), mapped("U0BEN")), None),
        ((mapped("U0ANN"),), None),
        ((tagged("U0ANN"), tagged("web", "team")), "S0WEB"),
        ((tagged("U0ANN"), tagged("C0TEAM", "team")), "C0TEAM"),
        ((tagged("U0ANN"), tagged("U0BEN", "contact")), None),
        ((tagged("U0ANN"), tagged("S0UNFIT", "team")), None),
        ((tagged("web", "team"),), None),
        ((mapped("U0ANN"), tagged("web", "team")), None),
        ((), None),
    ],
)
def test_the_next_one_up_is_the_manager_or_the_team(
    about: tuple[OwnerClaim, ...], expected: str | None
) -> None:
    found = owners(workplace()).manager(asking(*about))

    assert (str(found) if found else None) == expected


def test_an_owner_who_is_gone_leaves_it_to_their_manager() -> None:
    owned = resolved(mapped("U0GONE"), mapped("U0BEN"))

    assert owned.recipients == ("U0BEN",)
    assert owned.passed_over == ("owner U0GONE (mapping) is deactivated",)


@pytest.mark.parametrize(
    ("address", "recipients", "why"),
    [
        ("U0ANN", ("U0ANN",), None),
        ("S0WEB", ("U0ANN", "U0BEN"), None),
        ("S0MANY", (), None),
        ("ann@example.com", ("U0ANN",), None),
        ("U0GUEST", (), "is a guest"),
        ("C0PUBLIC", (), "is a public channel"),
    ],
)
def test_an_address_is_looked_up_for_whoever_hands_something_over(
    address: str, recipients: tuple[str, ...], why: str | None
) -> None:
    asked, meant = owners(workplace()), Address.parse(address)

    assert (asked.recipients(meant), asked.why_not(meant)) == (recipients, why)
