"""All commands put together, from what the buttons stand on already."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.engine.overview import Overview, Queue
from bot.model import Actor
from bot.slack.acting import Acting
from bot.slack.commands.commanding import Commanding
from bot.slack.commands.containing import Containing
from bot.slack.commands.keys import Keys
from bot.slack.commands.listing import Listing
from bot.slack.commands.questions import Questions
from bot.slack.commands.reading import Reading
from bot.slack.commands.replying import Replying
from bot.slack.commands.ruling import Ruling, Scan
from bot.slack.deciding import Deciding


@dataclass(frozen=True, slots=True)
class Around:
    """What commands need of the process around them.

    `scan` looks at an account and asks for someone, `problems` are sentences on what is not as it
    should be, and `queue_of` is what waits for someone.
    """

    scan: Scan
    problems: Callable[[], Sequence[str]]
    queue_of: Callable[[Actor], Queue]


def commanding(acting: Acting, overview: Overview, around: Around) -> Commanding:
    """Every command. One that stands in a module of its own is one more entry of the last part."""
    service, renderer = acting.service, acting.renderer
    replying = Replying(acting.client)
    deciding = Deciding(service, acting.asker, acting.changed)
    clock, people = renderer.clock, renderer.people
    reading = Reading(service, overview, clock, around.problems, people)
    ruling = Ruling(service, around.scan, replying, clock, acting.changed, people)
    keys = Keys(service, replying)
    containing = Containing(service, acting.asker, replying, acting.changed)
    return Commanding(
        service,
        renderer,
        replying,
        Listing(service, renderer, overview, around.queue_of),
        Questions(service, renderer, deciding, acting, clock),
        {**reading.runs(), **ruling.runs(), **containing.runs(), **keys.runs()},
        keys.shortcuts(),
    )
