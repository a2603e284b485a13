"""A whole desk over a simulated account and the strict Slack double."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import registry
from bot.aws.connection import AwsConnection, own_arns
from bot.aws.sessions import connect
from bot.aws.simulated.server import SimulatedAccount
from bot.config.slack import SlackSettings
from bot.engine.approvals import Approvals, People
from bot.engine.asking import Asker, AskingRules
from bot.engine.claimants import Claimants
from bot.engine.core import Aws, Confirming
from bot.engine.executor import Executor, VerifySettings
from bot.engine.guardrails import Guard
from bot.engine.owners import OwnerRules, Owners
from bot.engine.rechecking import recheck
from bot.engine.scanning import Scanner, ScanSettings
from bot.engine.service import Service
from bot.engine.standing import Standings
from bot.http.front import front
from bot.http.health import Health
from bot.http.server import Server
from bot.model import Actor, OwnerSource, Protection
from bot.serving import Desk, Parts
from bot.slack.clients import make_clients
from bot.slack.directory import SlackDirectory
from bot.slack.listening import Ours
from bot.store.database import Store, open_store
from bot.store.leases import this_process
from tests.slack.double import Channel, Message, SlackDouble, User

SECRET = "0123456789abcdef0123456789abcdef"
OPERATOR = Actor("local", "operator@desk")


def real() -> datetime:
    return datetime.now(UTC)


@dataclass
class Office:
    """A desk at work, and everything that a test wants to look at or to move."""

    slack: SlackDouble
    cloud: SimulatedAccount
    store: Store
    desk: Desk
    service: Service
    ann: User
    sec: User
    channel: Channel

    def scan(self) -> None:
        """Scan, confirm the account, and ask."""
        result = self.service.scan(OPERATOR, lambda _said: None)
        self.service.go_live(result.account.id, OPERATOR)
        self.desk.ask(result.account.id)

    def card(self, user: User, about: str) -> Message:
        """The newest message to someone that says `about`, once it is there."""
        found: list[Message] = []

        def there() -> bool:
            found[:] = [each for each in self.slack.dm(user) if about in each.words()]
            return bool(found)

        wait_for(there, f"a message to {user.name} about {about!r}")
        return found[-1]

    def shows(self, message: Message, text: str) -> Message:
        """The message once it says `text`."""
        found: list[Message] = []

        def there() -> bool:
            found[:] = [
                each
                for each in self.slack.messages(message.channel)
                if each.ts == message.ts and text in each.words()
            ]
            return bool(found)

        wait_for(there, f"{text!r} on {message.words()!r}")
        return found[0]

    def writes(self) -> list[str]:
        """What reached AWS and changed it."""
        return [each.operation for each in self.cloud.calls.writes if each.applied]


def wait_for(there: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
    """Wait until something is so. AssertionError that names it when it doesn't come."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if there():
            return
        time.sleep(0.02)
    raise AssertionError(f"never came: {what}")


@contextmanager
def office(cloud: SimulatedAccount, slack: SlackDouble, folder: Path) -> Iterator[Office]:
    """A desk over HTTP, with real signatures."""
    slack.signing_secret = SECRET
    ann, sec = slack.add_user("ann"), slack.add_user("sec")
    channel = slack.add_channel("iam-security", [sec], is_private=True)
    group = slack.add_user_group("iam-security", [sec])
    store = open_store(f"sqlite:///{folder / 'locksmith.db'}", clock=real)
    with closing(store), connect(read_attempts=1) as connection:
        service, parts = _parts(store, connection, slack, channel.id, group.id)
        desk = Desk(parts)
        server = Server(front(Health(desk.checks()), desk.door(SECRET)))
        server.start()
        host, port = server.address
        slack.use_http(f"http://{host}:{port}/slack/events")
        desk.start()
        try:
            yield Office(slack, cloud, store, desk, service, ann, sec, channel)
        finally:
            server.stop(timedelta(seconds=5))
            assert desk.end(timedelta(seconds=15))


def _parts(
    store: Store, connection: AwsConnection, slack: SlackDouble, channel: str, group: str
) -> tuple[Service, Parts]:
    settings = SlackSettings(bot_token=slack.bot_token, base_url=slack.base_url)
    clients = make_clients(settings)
    team = slack.workspace.team_id
    directory = SlackDirectory(clients.background, lambda: frozenset({team}), clock=real)
    rules = OwnerRules(tuple(OwnerSource), ("owner",), {}, {}, None)
    owners = Owners(directory, rules, channel, frozenset({"example.com"}))
    approvals = Approvals(People(), alone=False)
    standings = Standings(
        directory,
        owners,
        (group,),
        tag_holds=lambda proposal, claim: service.tag_holds(proposal, claim),
        trusted_word=lambda proposal: service.trusted_word(proposal),
        arn_of=lambda _proposal: None,
        person=approvals.people.person,
    )
    scanner = Scanner(
        store, registry.controls({}), ScanSettings(), Guard.on, real, Claimants(rules)
    )
    protection = Protection(own=own_arns(connection))
    executor = Executor(
        store,
        connection,
        real,
        time.sleep,
        Guard(protection),
        approvals.authorise,
        VerifySettings(reads=2, interval=0.02, patience=5),
        this_process(),
        recheck=recheck(standings, approvals, lambda _said: None),
    )
    service = Service(
        store,
        lambda: Aws(connection, protection, executor),
        scanner,
        approvals,
        real,
        Confirming(standings),
    )
    asker = Asker(store, owners, directory, AskingRules(), channel)
    ours = Ours(team, "B0LOCKSMITH", slack.workspace.bot_user, slack.bot_token)
    return service, Parts(
        store,
        service,
        approvals,
        asker,
        directory,
        clients,
        ours,
        real,
        lambda: connection.account.id,
        "test",
        topics={each.control.id: each.control.topic for each in registry.controls({})},
    )
