"""Who is one person, whatever names they act by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.model import Actor


@dataclass(frozen=True, slots=True)
class People:
    """Which names belong to one person: `local:alice@host`, `slack:T…/U…` and an ARN to `alice`.

    Actors of one person count once. Actors on the command line that nobody is linked to could
    all be one person, so together they count once too.
    """

    person_of: Mapping[str, str] = field(default_factory=dict)

    def person(self, actor: Actor) -> str:
        """The person behind an actor."""
        known = (
            self.person_of.get(str(actor))
            or self.person_of.get(_without_team(actor))
            or self.person_of.get(actor.aws_arn or "")
        )
        if known:
            return known
        return "someone at a command line" if actor.kind == "local" else str(actor)

    def distinct(self, actors: Iterable[Actor]) -> frozenset[str]:
        """The different people among these actors."""
        return frozenset(self.person(actor) for actor in actors)


def _without_team(actor: Actor) -> str:
    """`slack:U…`, as the configuration names people of Slack."""
    return f"{actor.kind}:{actor.name.rpartition('/')[2]}"
