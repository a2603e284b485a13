"""Whatever AWS lets things be called: people read it on cards and in terminals, and nothing else
happens."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console, RenderableType

from bot.engine.views import FindingView
from bot.model import Finding, Manual, Plan
from bot.reports.finding_text import finding_lines
from bot.reports.plan_text import plan_lines
from bot.slack.blocks.card import card
from bot.slack.blocks.details import details_modal
from tests.reports.samples import NOW
from tests.slack.gate import mrkdwn
from tests.slack.gate.shape import Surface, objects
from tests.slack.questions import question

#: What could steer a terminal: C0 but for the line break, DEL, C1, and marks of direction.
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def shown_badly(finding: Finding, fix: Plan | Manual) -> list[str]:
    """What Slack or a terminal would act on, of all that people are shown of a finding."""
    asked = question(plan=fix, finding=finding, asked=None)
    return [
        *on_slack("message", card(asked)),
        *on_slack("modal", details_modal(asked)),
        *in_terminal(
            [
                *finding_lines(FindingView(asked.view.finding.record), NOW),
                *plan_lines(fix, digest=fix.digest()),
            ]
        ),
    ]


def on_slack(surface: Surface, payload: dict[str, Any]) -> Iterator[str]:
    """What Slack would make of a message or modal besides text that stands there."""
    yield from mrkdwn.problems(surface, payload, mentions=())
    for path, found in objects(payload["blocks"], "blocks"):
        if isinstance(found.get("text"), str) and STEERING.search(found["text"]):
            yield f"{path}: {found['text']!r} steers"


def in_terminal(lines: Iterable[RenderableType]) -> Iterator[str]:
    """What a terminal would act on, of what is printed."""
    said = io.StringIO()
    Console(file=said, width=200, color_system=None).print(*lines)
    if STEERING.search(said.getvalue()):
        yield f"{STEERING.findall(said.getvalue())} steers the terminal"
