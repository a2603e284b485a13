"""Who may see what of others: questions, lists, policies; and that a refusal is in the log."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.engine.asking import CARD
from bot.engine.core import Aws, Confirming
from bot.engine.entering import Accounts
from bot.engine.service import Service
from bot.errors import NotFoundError, RefusedError, UsageError
from bot.model import Actor, OwnerClaim, OwnerSource, ProposalRecord
from bot.store import messages
from bot.store.database import Store
from bot.store.messages import NewMessage
from tests.conftest import StandingClock
from tests.engine.bench import Bench
from tests.engine.fake_directory import FakeDirectory
from tests.engine.test_deciding_in_slack import (
    ANN,
    BEN,
    SEC,
    Ask,
    ask,
    directory,
    make,
    refusals,
    service,
    slack,
)

__all__ = ["ask", "directory", "make", "service"]
LOCAL = Actor("local", "op@host")
AWAY = slack("UANN", "T0AWAY")
FLAGS = ("deactivated", "guest", "bot", "stranger")


def unfit(known: FakeDirectory, user: str, flag: str) -> None:
    changes: dict[str, Any] = {flag: True}
    known.members[user] = replace(known.members[user], **changes)


@pytest.mark.parametrize("actor", [ANN, SEC, LOCAL])
def test_a_question_concerns_its_owner_the_security_group_and_operators(
    service: Service, ask: Ask, actor: Actor
) -> None:
    service.require_involved(ask().id, actor)

    assert refusals(service) == []


@pytest.mark.parametrize("actor", [BEN, AWAY, slack(""), slack("UNOBODY")])
def test_it_concerns_nobody_else(service: Service, ask: Ask, actor: Actor) -> None:
    """A colleague who owns something else, and everybody from outside."""
    asked = ask()

    with pytest.raises(RefusedError):
        service.require_involved(asked.id, actor)

    assert len(refusals(service)) == 1


def card(store: Store, asked: ProposalRecord, reader: str) -> None:
    with store.write() as tx:
        new = NewMessage(f"card:{reader}", CARD, reader, proposal_id=asked.id)
        messages.tell(tx, new)


def test_who_was_sent_a_card_may_see_it(
    service: Service, ask: Ask, sqlite_store: Store, directory: FakeDirectory
) -> None:
    """And only while they are fit: a card of earlier days gives a guest nothing."""
    asked = ask()
    card(sqlite_store, asked, "UBEN")

    service.require_involved(asked.id, BEN)

    unfit(directory, "UBEN", "guest")
    with pytest.raises(RefusedError, match="guest"):
        service.require_involved(asked.id, BEN)


def test_whose_access_it_is_may_see_it(make: Callable[..., Service], ask: Ask) -> None:
    service = make()
    standings = service._confirming.standings
    assert standings is not None
    about_ben = replace(
        standings,
        arn_of=lambda _proposal: "arn:aws:iam::111122223333:user/ben",
        subjects={str(BEN): ["arn:aws:iam::111122223333:user/ben"]},
    )
    service._confirming = replace(service._confirming, standings=about_ben)

    service.require_involved(ask(None, OwnerClaim(OwnerSource.TAGS, "UANN", "t", "owner")).id, BEN)


def test_only_the_security_group_and_operators_are_security(service: Service) -> None:
    assert [service.is_security(each) for each in (SEC, LOCAL, ANN, AWAY)] == [
        True,
        True,
        False,
        False,
    ]
    assert refusals(service) == []


def test_who_wants_what_security_may_is_refused_and_logged(service: Service) -> None:
    service.require_security(SEC, "status")
    with pytest.raises(RefusedError, match="security group"):
        service.require_security(ANN, "status")

    assert refusals(service) == ["only the security group may do this"]


@pytest.mark.parametrize("flag", FLAGS)
def test_colleagues_are_people_of_ours_and_no_guests(
    service: Service, directory: FakeDirectory, flag: str
) -> None:
    service.require_colleague(BEN, "help")
    unfit(directory, "UBEN", flag)

    with pytest.raises(RefusedError):
        service.require_colleague(BEN, "help")

    assert len(refusals(service)) == 1


def test_without_a_workspace_only_operators_are_colleagues(
    sqlite_store: Store, clock: StandingClock, make: Callable[..., Service]
) -> None:
    service = make()
    service._confirming = Confirming()

    service.require_colleague(LOCAL, "help")
    with pytest.raises(RefusedError):
        service.require_colleague(ANN, "help")


@pytest.fixture
def reading(bench: Bench, service: Service) -> Service:
    """The service, on an account whose policies can be read."""
    aws = Aws(bench.connection, bench.protection, bench.executor())
    service._accounts = Accounts(lambda: aws)
    return service


def test_a_policy_is_read_as_it_is_now(reading: Service) -> None:
    document = reading.policy("arn:aws:iam::aws:policy/AdministratorAccess", SEC)

    assert document.statements[0].actions == ("*",)


INLINE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}],
}


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_an_inline_policy_is_named_by_its_holder(reading: Service, bench: Bench, kind: str) -> None:
    """Whoever has it, by ARN, and its own name; one of that name on another path isn't meant."""
    account = bench.cloud.account
    getattr(account, kind)("o,ne+1@x")
    account.inline("own=1", INLINE, **{kind: "o,ne+1@x"})
    arn = f"arn:aws:iam::123456789012:{kind}"

    document = reading.policy(f"{arn}/o,ne+1@x/inline/own=1", SEC)

    assert document.statements[0].actions == ("sqs:*",)
    for nothing in ("o,ne+1@x/inline/other", "a/inline/o,ne+1@x/inline/own=1", "no/inline/own=1"):
        with pytest.raises(NotFoundError):
            reading.policy(f"{arn}/{nothing}", SEC)


@pytest.mark.parametrize(
    ("arn", "error"),
    [
        ("AdministratorAccess", UsageError),
        ("arn:aws:iam::123456789012:role/x", UsageError),
        ("arn:aws:iam::aws:role/x/inline/y", UsageError),
        ("arn:aws:iam::123456789012:role/x/inline/", UsageError),
        ("arn:aws:iam::123456789012:policy/a/inline/x", NotFoundError),
        ("arn:aws:iam::999999999999:role/x/inline/y", RefusedError),
        ("arn:aws:iam::999999999999:policy/x", RefusedError),
        ("arn:aws:iam::aws:policy/NoSuchPolicy", NotFoundError),
    ],
)
def test_what_is_no_policy_of_ours(reading: Service, arn: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        reading.policy(arn, SEC)


def test_policies_are_for_the_security_group(service: Service) -> None:
    """AWS is not even entered."""
    with pytest.raises(RefusedError):
        service.policy("arn:aws:iam::aws:policy/AdministratorAccess", ANN)
