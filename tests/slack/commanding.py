"""Typing commands at a whole desk, and waiting for what is answered."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot import registry
from bot.aws.simulated.server import start
from bot.model import FindingStatus, ProposalRecord, ProposalState
from bot.slack.blocks.elements import Payload
from tests.slack.desks import Office, office, wait_for
from tests.slack.double import Channel, Message, SlackDouble, User
from tests.slack.gate import check

#: The controls that these stories are about: what others find would only be in their way.
CONTROLS = (
    "console-user-without-mfa",
    "full-admin-policy",
    "inactive-access-key",
    "inline-policy-on-user",
    "no-multi-region-trail",
    "old-access-key",
    "password-never-expires",
    "policy-attached-to-user",
    "root-access-key",
    "root-without-mfa",
    "unused-access-key",
    "unused-console-password",
    "weak-password-policy",
    "wildcard-trust-policy",
)
#: Buttons that must ask before they act.
DANGEROUS = ("approve", "confirm_exemption", "refuse_exemption", "undo", "done_by_hand")


def only_these() -> dict[str, dict[str, bool]]:
    """The section `controls` of a configuration that has those CONTROLS on, and no other."""
    return {id_: {"enabled": id_ in CONTROLS} for id_ in registry.discover()}


def answer(
    at: Office, user: User, text: str, channel: Channel | str | None = None, *, count: int = 1
) -> Message:
    """The last of `count` private answers to a command; each passes the gate."""
    before = len(at.slack.ephemerals(user))
    assert at.slack.command(user, "/locksmith", text, channel).ok
    wait_for(lambda: len(at.slack.ephemerals(user)) >= before + count, f"an answer to {text!r}")
    for each in at.slack.ephemerals(user)[before:]:
        fits(each)
    return at.slack.ephemerals(user)[-1]


def fits(message: Message) -> None:
    """Slack takes it, and nothing in it is misread."""
    payload: Payload = {"text": message.text, "blocks": message.blocks}
    assert check("message", payload, dangerous=DANGEROUS) == []


def replaced(at: Office, user: User, message: Message, text: str) -> Message:
    """A private answer once it was edited and says `text`."""
    found: list[Message] = []

    def there() -> bool:
        found[:] = [
            each
            for each in at.slack.ephemerals(user)
            if each.ts == message.ts and each.edited and text in each.words()
        ]
        return bool(found)

    wait_for(there, f"{text!r} in the place of {message.words()!r}")
    fits(found[0])
    return found[0]


def question(at: Office, user: str) -> ProposalRecord:
    """The one about that user's idle key."""
    (asked,) = (
        each.proposal
        for each in at.service.findings(control="unused-access-key")
        if each.proposal is not None
        and each.record.finding.resource.key is not None
        and each.record.finding.resource.key.user == user
    )
    return asked


def state(at: Office, user: str) -> ProposalState:
    """Where that question stands."""
    return question(at, user).state


def approved(at: Office, user: str) -> Message:
    """The card about that user's key, once its owner approved, it is done, and a look saw that."""
    card, asked = at.card(at.ann, f"{user}: AKIA"), question(at, user)
    at.slack.click(at.ann, card.channel, card.ts, "approve")
    done = at.shows(card, "Done")
    finding = asked.finding_id or ""
    wait_for(
        lambda: at.service.finding(finding).record.status is FindingStatus.RESOLVED, "the last look"
    )
    return done


@contextmanager
def company(
    template: Path, *names: str, others: int = 0, **settings: Mapping[str, Any]
) -> Iterator[Office]:
    """A desk over an account in which each of `names` has an idle key, owned by ann by a tag.

    `others` are as many users with one that nobody owns. Two administrators sign in. `settings`
    are further sections of the configuration.
    """
    with pytest.MonkeyPatch.context() as patch, start(users=0, now=None) as cloud:
        for name, value in cloud.environment().items():
            patch.setenv(name, value)
        account = cloud.account
        for name in ("adm1", "adm2"):
            account.user(name)
            account.password(name, last_used=account.ago(days=1))
            account.mfa(name)
            account.attach("AdministratorAccess", user=name)
        for name in (*names, *(f"worker{number}" for number in range(others))):
            tags = {"owner": "ann@example.com"} if name in names else {}
            account.user(name, tags=tags, created=account.ago(days=400))
            account.key(name, created=account.ago(days=80), last_used=account.ago(days=70))
        sections: dict[str, Any] = {"controls": only_these(), **settings}
        with SlackDouble() as slack, office(cloud, slack, template, **sections) as made:
            yield made


def refusals(at: Office) -> list[tuple[str, str]]:
    """Who was refused what, as the log has it."""
    return [
        (each.actor.rpartition("/")[2], str(each.data["verdict"]))
        for each in at.service.audit_events(limit=500)
        if each.event == "decision.refused"
    ]
