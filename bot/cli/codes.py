"""`codes`: who gives one-time codes with what can't be undone."""

import click

from bot.cli.commands import command, group
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.errors import ExitCode, RefusedError, UsageError
from bot.model import Address, AddressKind
from bot.reports.documents.installation import codes_document
from bot.reports.terminal import styled

_CODES = (ExitCode.TROUBLE, ExitCode.REFUSED)


class _User(click.ParamType[str]):
    """The id of a Slack user."""

    name = "slack_id"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The id, or a usage error."""
        try:
            address = Address.parse(str(value))
        except ValueError:
            address = None
        if address is None or address.kind is not AddressKind.USER:
            message = f"{value!r} is not the id of a Slack user: U…, in their profile's menu"
            raise click.BadParameter(message, ctx, param)
        return address.value


person_argument = click.argument("person", metavar="SLACK_ID", type=_User())


@group(root, "codes")
def codes() -> None:
    """One-time codes, a second factor for what can't be undone and is approved in Slack.

    `approvals.second_factor: totp` asks for them. Slack never sees the secrets: they are in a file
    that Locksmith alone may read, not in the database, and are shown here, once.
    """


@command(codes, "enrol", examples=("locksmith codes enrol U0123456789",), codes=_CODES)
@person_argument
@pass_session
def enrol(session: Session, person: str) -> None:
    """Give someone a secret for their authenticator app, shown once, and ask for a code of it.

    Do it with them at the screen. The secret counts from the first right code on; one that they
    had before then counts no more.
    """
    screen, app = session.screen, session.app
    if not screen.can_ask:
        raise UsageError("the secret is shown to a person at a terminal, and nobody is here")
    if person in app.codes.people() and not screen.ask(f"{person} has a secret. Replace it?"):
        raise RefusedError(f"{person} was not enrolled anew: the answer was not a yes")
    enrolment = app.codes.enrol(person)
    screen.say("Add this to an authenticator app. It is not shown again.")
    screen.say(enrolment.uri)
    code = screen.answer("The code that it shows now:")
    session.service.enrol(enrolment, code, session.actor)
    screen.show([styled(f"{person} is enrolled.")], codes_document(person, enrolled=True))


@command(codes, "remove", examples=("locksmith codes remove U0123456789",), codes=_CODES)
@person_argument
@pass_session
def remove(session: Session, person: str) -> None:
    """Forget someone's secret: where a code is asked for, they approve no more."""
    session.service.withdraw(session.app.codes, person, session.actor)
    session.screen.show(
        [styled(f"{person} is not enrolled any more.")], codes_document(person, enrolled=False)
    )
