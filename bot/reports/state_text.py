"""How everything stands, for people: what is wrong first, then topics and accounts."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from bot.engine.overview import State, Topic
from bot.engine.watching import Watched
from bot.model import Severity
from bot.reports.tables import WIDTH, Cell, Column, fit
from bot.reports.terminal import styled
from bot.reports.times import ago, told

_TOPICS = (
    Column("TOPIC", elastic=True),
    Column("OPEN", right=True),
    Column("CRITICAL", right=True),
    Column("HIGH", right=True),
    Column("EXEMPT", right=True),
    Column("A WEEK AGO", right=True),
    Column("NOT EVALUATED", right=True),
)
_ACCOUNTS = (
    Column("ACCOUNT"),
    Column("NAME", elastic=True),
    Column("MODE"),
    Column("LAST LOOKED AT"),
    Column("NEXT"),
)
_WHOLE = "`--output json` has them whole."


def state_lines(state: State, now: datetime, *, width: int = WIDTH) -> Sequence[RenderableType]:
    """The freeze, what is wrong with the looks, what is held up, then both tables."""
    lines: list[RenderableType] = []
    if state.freeze is not None:
        since, by = told(state.freeze.since, now), state.freeze.by
        lines.append(styled(f"Writes are stopped, by {by}, since {since}.", "bold red"))
    lines += [styled(f"! {case.sentence}", "bold yellow") for case in state.cases]
    lines += [styled(f"Rules wait: {why}", "yellow") for why in state.held]
    if state.watches:
        changes = "change is" if state.watches == 1 else "changes are"
        said = f"{state.watches} {changes} being watched for harm: `locksmith executions show ID`."
        lines.append(styled(said, "dim"))
    if lines:
        lines.append(Text(""))
    lines += fit(_TOPICS, [_topic(each) for each in state.topics], width).note(_WHOLE)
    lines.append(Text(""))
    if not state.accounts:
        return [*lines, Text("No account was looked at yet: `locksmith scan`.")]
    rows = [_account(each, now) for each in state.accounts]
    return [*lines, *fit(_ACCOUNTS, rows, width).note(_WHOLE)]


def _topic(topic: Topic) -> Sequence[Cell]:
    numbers = (
        topic.count,
        topic.open.get(Severity.CRITICAL, 0),
        topic.open.get(Severity.HIGH, 0),
        topic.exempt,
        topic.week_ago,
        topic.not_evaluated,
    )
    return [Cell(topic.topic), *(Cell(str(each)) for each in numbers)]


def _account(account: Watched, now: datetime) -> Sequence[Cell]:
    looked_at = "never" if account.looked_at is None else ago(account.looked_at, now)
    return [
        Cell(account.account_id),
        Cell(account.name),
        Cell("live" if account.is_live else "notify"),
        Cell(looked_at, "yellow" if account.cases or account.looked_at is None else ""),
        Cell("on request" if account.next_at is None else ago(account.next_at, now)),
    ]
