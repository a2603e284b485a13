"""`people`: erase someone from what is remembered."""

import click

from bot.cli.commands import command, group
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.config import Config
from bot.errors import ExitCode, RefusedError, UsageError
from bot.reports.documents.installation import forgotten_document
from bot.reports.terminal import styled
from bot.reports.words import counted

#: A shorter name would be found in what has nothing to do with anyone.
_SHORTEST = 3


@group(root, "people")
def people() -> None:
    """The people who decide and are asked, and what is remembered of them."""


@command(
    people,
    "forget",
    examples=(
        "locksmith people forget Alice",
        "locksmith people forget U0123456789 --also alice@example.com --also alice@laptop",
    ),
    codes=(ExitCode.TROUBLE, ExitCode.REFUSED),
)
@click.argument("person", metavar="PERSON")
@click.option(
    "--also", multiple=True, metavar="NAME", help="Another name of theirs; may be repeated."
)
@click.option("--yes", is_flag=True, help="Do it without asking.")
@pass_session
def forget(session: Session, person: str, also: tuple[str, ...], yes: bool) -> None:
    """Erase what names a person, everywhere in the database. It can't be taken back.

    PERSON is someone of `people` in the configuration, with all the names that they go by there, or
    one name: the id of a Slack user, an e-mail address, user@host, an ARN. A text that has one of
    these names in it, as a whole, is erased as a whole: who decided, reasons they gave, who is said
    to own a thing. What happened, and when, stays, and the audit log still verifies.

    What AWS calls its users stays, since findings and plans are about them. Take the person out of
    the configuration too, or the next decision names them again. Backups, anchors and Slack keep
    what they have: anchors hold no names.
    """
    screen = session.screen
    names = _names_of(session.app.config, person, also)
    screen.say(f"To be erased: {', '.join(names)}")
    if not yes and not (screen.can_ask and screen.ask("Erase every text with one of these?")):
        raise RefusedError("nothing was erased: the answer was not a yes", hint="--yes says it.")
    for name in set(names) & set(session.app.codes.people()):
        session.app.codes.remove(name)
    erased = session.service.forget(names, session.actor)
    screen.show([styled(f"Erased {counted(erased, 'text')}.")], forgotten_document(erased))


def _names_of(config: Config, person: str, also: tuple[str, ...]) -> list[str]:
    """All the names; of a configured person those of the configuration. Raises UsageError."""
    given = [person, *also]
    names = list(given)
    for known in config.people:
        theirs = (known.name, *known.local, *known.aws, *known.slack)
        if {each.casefold() for each in theirs} & {each.casefold() for each in given}:
            names += theirs
    short = [name for name in names if len(name.strip()) < _SHORTEST]
    if short:
        raise UsageError(
            f"{short[0]!r} is too short to be looked for: it stands in too many other words",
            hint="Give an id, an e-mail address or user@host.",
        )
    return list(dict.fromkeys(name.strip() for name in names))
