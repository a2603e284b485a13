"""What was typed is read strictly, and nothing that people type breaks it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.model import Address, AddressKind, FindingStatus, Severity
from bot.slack.commands.catalogue import COMMANDS
from bot.slack.commands.filters import Filters, Known
from bot.slack.commands.parsing import (
    Typed,
    id_and_rest,
    nearest,
    nothing_more,
    only_id,
    parse,
    readable,
    reason_in,
    thing_and_owner,
    until_and_reason,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KNOWN = Known({"unused-access-key": "unused_credentials", "root-mfa": "mfa"}, ["111122223333"])
PIECES = st.sampled_from(
    ["deny", "findings", "owner", "p-7k2m9q4d", "7d", "2026-13-99", "999w", "<@U0ANN|ann>", "“x”",
     "share", "--share", "&amp;", "critical", "topic:mfa", "severity=low", "<", ">", "|", "\n", " "]
)  # fmt: skip
TYPED = st.one_of(
    st.text(max_size=300), st.lists(st.one_of(PIECES, st.text(max_size=9))).map(" ".join)
)


@given(TYPED)
def test_whatever_is_typed_is_read_or_is_a_usage_error(text: str) -> None:
    """Every reader there is, on every text: nothing else comes out."""
    try:
        typed = parse(text)
    except UsageError:
        return
    nearest(typed.name)
    readers: tuple[Callable[[], object], ...] = (
        lambda: only_id(typed),
        lambda: id_and_rest(typed),
        lambda: nothing_more(typed),
        lambda: until_and_reason(typed, typed.rest, NOW),
        lambda: reason_in(typed.rest),
        lambda: thing_and_owner(typed),
        lambda: KNOWN.read(typed.words),
    )
    for read in readers:
        with suppress(UsageError):
            read()


@given(TYPED)
def test_what_is_read_is_small(text: str) -> None:
    try:
        assert len(reason_in(text)) <= 1_000
    except UsageError:
        assert len(readable(text)) > 1_000


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("", Typed("help")),
        ("  \n ", Typed("help")),
        ("STATUS", Typed("status")),
        ("show\tP-7K2M9Q4D", Typed("show", "P-7K2M9Q4D")),
        ("status share", Typed("status", share=True)),
        ("status --SHARE", Typed("status", share=True)),
        ("findings critical share", Typed("findings", "critical", share=True)),
        ("deny p-7k2m as we share", Typed("deny", "p-7k2m as we share")),
        ("deny p-7k2m9q4d no --share", Typed("deny", "p-7k2m9q4d no", share=True)),
        ("pause share", Typed("pause", "share")),
        ("sharing", Typed("sharing")),
    ],
)  # fmt: skip
def test_name_and_rest(text: str, typed: Typed) -> None:
    assert parse(text) == typed


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(UsageError, match="longer"):
        parse("x" * 4_001)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("stauts", "status"), ("aprove", "approve"), ("Findngs", "findings"), ("qqqqqqq", None)],
)
def test_the_nearest_command(typed: str, meant: str | None) -> None:
    assert nearest(typed) == meant


@pytest.mark.parametrize("text", ["p-7k2m9q4d", "P-7K2M9Q4D", "`p-7k2m9q4d`", "*p-7k2m9q4d*,"])
def test_ids_in_any_case_and_copied_with_their_marks(text: str) -> None:
    assert only_id(Typed("show", text)) == "p-7k2m9q4d"


@pytest.mark.parametrize(
    "rest", ["", "7k2m9q4d", "q-7k2m9q4d", "p-", "p-'; drop", "p-7k2m9q4d now"]
)
def test_what_is_no_id_alone(rest: str) -> None:
    with pytest.raises(UsageError) as error:
        only_id(Typed("show", rest))

    assert error.value.hint == "It goes: /locksmith show ID"


@pytest.mark.parametrize(
    ("rest", "until", "reason"),
    [
        ("7d", NOW + timedelta(days=7), ""),
        ("2W on leave", NOW + timedelta(days=14), "on leave"),
        ('30d "the vendor can\'t"', NOW + timedelta(days=30), "the vendor can't"),
        ("2026-12-31 x", datetime(2026, 12, 31, tzinfo=UTC), "x"),
    ],
)
def test_until_and_reason(rest: str, until: datetime, reason: str) -> None:
    assert until_and_reason(Typed("snooze"), rest, NOW) == (until, reason)


@pytest.mark.parametrize("rest", ["soon", "7 d", "7y", "-7d", "2026-02-30", "tomorrow please"])
def test_what_is_no_day(rest: str) -> None:
    with pytest.raises(UsageError, match="is no day: write 7d"):
        until_and_reason(Typed("snooze"), rest, NOW)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("  two words ", "two words"),
        ('"in quotes"', "in quotes"),
        ("“of a phone”", "of a phone"),
        ('say "no"', 'say "no"'),
        ('"', '"'),
        ("it's one quote", "it's one quote"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("ask <@U0ANN|ann> in <#C0OPS|ops>", "ask @ann in #ops"),
        ("ask <@U0ANN>", "ask @U0ANN"),
        ("see <https://example.com/x|example.com/x>", "see example.com/x"),
        ("<!channel> hurry", "channel hurry"),
        ("by <mailto:ann@example.com|ann@example.com>", "by ann@example.com"),
    ],
)
def test_a_reason_is_what_was_typed(text: str, reason: str) -> None:
    assert reason_in(text) == reason


def test_a_reason_has_a_longest() -> None:
    assert len(reason_in("x" * 1_000)) == 1_000
    with pytest.raises(UsageError, match="1000 characters"):
        reason_in("x" * 1_001)


@pytest.mark.parametrize(
    ("rest", "thing", "owner"),
    [
        ("carol <@U0ANN|ann>", "carol", Address(AddressKind.USER, "U0ANN")),
        ("arn:aws:iam::1:user/a <@W0A>", "arn:aws:iam::1:user/a", Address(AddressKind.USER, "W0A")),
        ("`carol` <!subteam^S0OPS|@ops>", "carol", Address(AddressKind.GROUP, "S0OPS")),
        ("<mailto:a@b.c|a@b.c> <@U0ANN>", "a@b.c", Address(AddressKind.USER, "U0ANN")),
    ],
)  # fmt: skip
def test_a_thing_and_whose_it_is(rest: str, thing: str, owner: Address) -> None:
    assert thing_and_owner(Typed("owner", rest)) == (thing, owner)


@pytest.mark.parametrize(
    "rest", ["", "carol", "<@U0ANN>", "carol @ann", "carol U0ANN", "carol <@B0T>"]
)
def test_a_name_that_was_only_typed_is_nobody(rest: str) -> None:
    """Slack puts ids in the place of names that are people's; nobody can imitate those in text."""
    with pytest.raises(UsageError, match="@person"):
        thing_and_owner(Typed("owner", rest))


@pytest.mark.parametrize(
    ("words", "filters"),
    [
        ("", Filters()),
        ("critical", Filters(severity="critical")),
        ("severity:critical", Filters(severity="critical")),
        ("SEVERITY=Critical", Filters(severity="critical")),
        ("control:unused-access-key", Filters(control="unused-access-key")),
        ("unused-access-key mfa", Filters(control="unused-access-key", topic="mfa")),
        ("topic:unused-credentials", Filters(topic="unused_credentials")),
        ("111122223333 exempt", Filters(account="111122223333", status="exempt")),
        ("all low low", Filters(status="all", severity="low")),
    ],
)
def test_filters(words: str, filters: Filters) -> None:
    assert KNOWN.read(words.split()) == filters


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("critcal", "did you mean critical"),
        ("control:unused-acces-key", "did you mean unused-access-key"),
        ("colour:red", "no filter colour:red"),
        ("severity:mfa", "no filter severity:mfa"),
        ("account:999999999999", "no filter account"),
        ("low high", "severity is given twice"),
        ("severity:", "no filter severity:"),
    ],
)
def test_an_unknown_filter_says_which_there_are(words: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as error:
        KNOWN.read(words.split())

    for each in (*Severity, *FindingStatus, "topic:mfa"):
        assert str(each) in error.value.hint


@given(
    st.builds(
        Filters,
        **{name: st.sampled_from(["", *values]) for name, values in KNOWN.values().items()},
    )
)
def test_filters_are_read_as_they_are_written(filters: Filters) -> None:
    assert KNOWN.read(str(filters).split()) == filters


def test_every_command_says_how_it_is_typed_and_what_it_does() -> None:
    for name, command in COMMANDS.items():
        assert command.usage.startswith(f"/locksmith {name}")
        assert command.sentence
        assert not command.sentence.endswith(".")
