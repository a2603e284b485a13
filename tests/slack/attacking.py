"""Everything in Slack that someone can click or send, to be tried by the wrong people."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.model import AuditEvent, ProposalRecord
from bot.store import messages, tables
from bot.store.messages import NewMessage
from tests.slack.commanding import answer, company, question
from tests.slack.desks import Office, wait_for
from tests.slack.double import Message, User

#: Whoever Slack says this of is nobody here, whatever they were before.
UNFIT: Mapping[str, Mapping[str, Any]] = {
    "of another workspace": {"team_id": "T0AWAY"},
    "guest": {"is_restricted": True},
    "guest of one channel": {"is_ultra_restricted": True, "is_restricted": True},
    "deactivated": {"deleted": True},
    "bot": {"is_bot": True},
    "stranger": {"is_stranger": True},
}

#: What a refused attempt must leave as it was.
_STATE = (
    tables.proposal, tables.decision, tables.exemption_request, tables.finding, tables.handover,
    tables.execution, tables.step_event, tables.freeze, tables.account, tables.due,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surface:
    """Something to click or to send.

    `prepare` is what comes before, by someone who may: it gives what `use` needs.
    """

    name: str
    use: Callable[["Scene", User, Any], object]
    prepare: Callable[["Scene", User], Any] = lambda _scene, _user: None
    #: Whether it only shows something, which colleagues may see who see the message anyway.
    shows: bool = False
    #: Whose it is: ann's, or of the security group.
    security: bool = False


@dataclass
class Scene:
    """An office with a card for every button. Nothing that is refused changes anything of it.

    The cards are in `place`. `names` are the users whom they are about: an idle key (`plain`), one
    that was switched off (`done`), one to delete for good (`final`), something to do by hand
    (`manual`), and a violation that someone asked to exempt (`exempt`).
    """

    at: Office
    place: str
    names: Mapping[str, str]

    def card(self, what: str, action: str) -> Message:
        """The newest card about one of `names` that has this button."""
        found: list[Message] = []

        def there() -> bool:
            found[:] = [
                each
                for each in self.at.slack.messages(self.place)
                if self.names[what] in each.words()
                and any(one.action_id == action for one in each.buttons())
            ]
            return bool(found)

        wait_for(there, f"{action} on a card about {self.names[what]}")
        return found[-1]

    def click(self, user: User, what: str, action: str) -> None:
        """Press a button on a card."""
        card = self.card(what, action)
        assert self.at.slack.click(user, card.channel, card.ts, action).ok

    def question(self, what: str) -> ProposalRecord:
        """The question on a card."""
        return question(self.at, self.names[what])

    def opened(self, user: User, what: str, action: str, title: str) -> None:
        """Open the modal behind a button of a card."""
        self.click(user, what, action)
        self.shown(user, title)

    def shown(self, user: User, title: str) -> None:
        """Wait until the modal on top has this title."""

        def there() -> bool:
            return [title] == [view.title for view in self.at.slack.modals(user)[-1:]]

        wait_for(there, f"the modal {title!r}")

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that a decision could change, as the database has it, and what AWS saw."""
        with self.at.store.read() as tx:
            found = {
                each.name: [tuple(row) for row in tx.connection.execute(select(each))]
                for each in _STATE
            }
            wanted = select(tables.message.c.id, tables.message.c.wanted)
            found["message"] = [tuple(row) for row in tx.connection.execute(wanted)]
        found["AWS"] = [tuple(self.at.writes())]
        return found

    def events(self) -> list[AuditEvent]:
        """The whole log."""
        return list(self.at.service.audit_events(limit=5_000))

    def words_to(self, user: User) -> list[str]:
        """What only that person sees: private words, modals, and Home."""
        slack = self.at.slack
        home = [slack.home(user).words()] if user.id in slack.workspace.homes else []
        return [
            *(each.words() for each in slack.ephemerals(user)),
            *(view.words() for view in slack.modals(user)),
            *home,
        ]

    def tidy(self, user: User) -> None:
        """Close every modal."""
        with self.at.slack.workspace.lock:
            self.at.slack.workspace.modals.pop(user.id, None)


@contextmanager
def unfit(at: Office, user: User, flags: Mapping[str, Any]) -> Iterator[None]:
    """For a while, someone is what these flags say."""
    now = at.slack.workspace.users[user.id]
    before = {name: getattr(now, name) for name in flags}
    for name, value in flags.items():
        setattr(now, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(now, name, value)
        at.desk.parts.directory._answers._known.clear()  # type: ignore[attr-defined]  # else a minute old


@contextmanager
def retagged(at: Office, names: Iterable[str]) -> Iterator[None]:
    """For a while, the tags of these users name someone else than when they were asked about."""
    iam = at.cloud.client()
    for name in names:
        iam.tag_user(UserName=name, Tags=[{"Key": "owner", "Value": "sec@example.com"}])
    try:
        yield
    finally:
        for name in names:
            iam.tag_user(UserName=name, Tags=[{"Key": "owner", "Value": "ann@example.com"}])


@contextmanager
def scenes(template: Path) -> Iterator[tuple[Scene, Scene]]:
    """An office in which ann was asked everything, and one in which the security channel was."""
    owners_too = {"match": {"risks": ["irreversible"]}, "who": ["owner", "security"]}
    approvals = {"rules": [owners_too]}
    with company(template, asking={"per_day": 100}, approvals=approvals) as at:
        names = {
            whose: {
                what: f"{what}-{whose}" for what in ("plain", "done", "final", "manual", "exempt")
            }
            for whose in ("ann", "nobody")
        }
        for whose, tags in (("ann", {"owner": "ann@example.com"}), ("nobody", {})):
            _people(at, names[whose], tags)
        at.scan()
        hers = Scene(at, at.slack.dm_channel(at.ann), names["ann"])
        theirs = Scene(at, at.channel.id, names["nobody"])
        for each, who in ((hers, at.ann), (theirs, at.sec)):
            each.click(who, "done", "approve")
            each.card("done", "undo")
            each.opened(who, "exempt", "exempt", "Accept for a while")
            at.slack.submit(who, {"reason": "the vendor can't yet"})
            each.card("exempt", "confirm_exemption")
            each.tidy(who)
        _lose_a_message(at)
        yield hers, theirs


def _people(at: Office, names: Mapping[str, str], tags: Mapping[str, str]) -> None:
    account = at.cloud.account
    for name in names.values():
        account.user(name, tags=tags, created=account.ago(days=400))
    for what in ("plain", "done"):
        account.key(names[what], created=account.ago(days=80), last_used=account.ago(days=70))
    off = account.ago(days=200)
    account.key(names["final"], created=account.ago(days=300), status="Inactive", changed=off)
    account.key(names["manual"], created=account.ago(days=200), last_used=account.ago(days=1))
    account.password(names["exempt"], last_used=account.ago(days=1))


def _lose_a_message(at: Office) -> None:
    """Something that could not be delivered, for the button in the Home of security."""
    place = at.slack.add_channel("elsewhere", [at.sec], with_bot=False, is_private=True)
    data = {"what": "notify-mode", "account": "123456789012", "questions": 3}
    with at.store.write() as tx:
        messages.tell(tx, NewMessage("lost", "notice", place.id, data=data))
    at.desk.changed()

    def given_up() -> bool:
        with at.store.read() as tx:
            return len(messages.given_up(tx)) == 1

    wait_for(given_up, "giving up")


def _button(action: str, what: str, *, shows: bool = False) -> Surface:
    return Surface(f"card {action}", lambda s, who, _: s.click(who, what, action), shows=shows)


def sends(action: str, title: str, values: Mapping[str, str], what: str = "plain") -> Surface:
    """The modal behind a button, opened before and sent now."""

    def fill(s: Scene) -> dict[str, str]:
        return {key: value.replace("SEC", s.at.sec.id) for key, value in values.items()}

    return Surface(
        f"modal {action}",
        lambda s, who, _: s.at.slack.submit(who, fill(s)),
        lambda s, who: s.opened(who, what, action, title),
    )


def _in_home(action: str, what: str = "") -> Surface:
    """A button of Home, which was made before."""

    def prepare(s: Scene, who: User) -> str | None:
        assert s.at.slack.open_home(who).ok
        asked = s.question(what) if what else None
        wanted = f"{asked.id} {asked.digest}" if asked else None

        def there() -> bool:
            homes = s.at.slack.workspace.homes
            return who.id in homes and any(
                each.action_id == action and wanted in (None, each.value)
                for each in s.at.slack.home(who).buttons()
            )

        wait_for(there, f"{action} in Home")
        return wanted

    return Surface(
        f"Home {action}",
        lambda s, who, value: s.at.slack.home_click(who, action, value),
        prepare,
        shows=action in {"deny", "details"},
        security=action == "retry_messages",
    )


def _in_answer(command: str, action: str) -> Surface:
    """A button of the answer to a command that was given before."""

    def prepare(s: Scene, who: User) -> tuple[Message, str | None]:
        asked = s.question("plain")
        shown = answer(s.at, who, command.replace("PLAIN", asked.id))
        values = [str(each.value) for each in shown.buttons() if each.action_id == action]
        return shown, next((each for each in values if asked.id in each), values[0])

    def use(s: Scene, who: User, prepared: tuple[Message, str | None]) -> None:
        shown, value = prepared
        assert s.at.slack.click(who, shown.channel, shown.ts, action, value).ok

    return Surface(f"answer {action}", use, prepare, shows=action == "show")


def _turns_a_page(s: Scene, who: User, _prepared: object) -> None:
    assert s.at.slack.modal_click(who, "details_page").ok


def _long_details(s: Scene, who: User) -> None:
    s.opened(who, "plain", "details", "Details")
    asked = s.question("plain")
    with s.at.slack.workspace.lock:
        view = s.at.slack.workspace.modals[who.id][-1]
        button = {
            "type": "button", "action_id": "details_page", "value": f"{asked.id} {asked.digest} 0",
            "text": {"type": "plain_text", "text": "Next"},
        }  # fmt: skip
        view.blocks.append({"type": "actions", "block_id": "pages", "elements": [button]})


MODALS = (
    sends("deny", "Deny this fix", {"reason": "mine now"}),
    sends("snooze", "Put off", {"days": "7", "reason": "mine now"}),
    sends("exempt", "Accept for a while", {"reason": "mine now"}),
    sends("not_mine", "Not mine", {"owner": "SEC"}),
)
ON_CARDS = (
    _button("approve", "plain"),
    _button("approve_typed", "final", shows=True),
    _button("deny", "plain", shows=True),
    _button("snooze", "plain", shows=True),
    _button("exempt", "plain", shows=True),
    _button("not_mine", "plain", shows=True),
    _button("details", "plain", shows=True),
    _button("done_by_hand", "manual"),
    _button("undo", "done"),
    _button("confirm_exemption", "exempt"),
    _button("refuse_exemption", "exempt"),
    sends("approve_typed", "Approve for good", {"typed": "AKIA"}, "final"),
    *MODALS,
    Surface("modal details_page", _turns_a_page, _long_details, shows=True),
)
#: Commands are tried in test_commands_rights, all of them.
ELSEWHERE = (
    _in_home("approve", "plain"),
    _in_home("deny", "plain"),
    _in_home("details", "plain"),
    _in_home("retry_messages"),
    _in_answer("mine", "show"),
    _in_answer("show PLAIN", "approve"),
)
