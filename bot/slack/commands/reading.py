"""What is only looked at: help, status, report, policies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.engine.overview import WEEK, Overview
from bot.engine.service import Service
from bot.errors import UsageError
from bot.model import ProposalState
from bot.policy import AccessLevel, summary_of
from bot.slack.blocks.answers import (
    PolicySummary,
    Status,
    help_answer,
    policy_answer,
    report_answer,
    status_answer,
)
from bot.slack.blocks.elements import Payload
from bot.slack.commands.asked import Asked, Run
from bot.slack.commands.catalogue import COMMANDS
from bot.slack.commands.parsing import nothing_more, readable
from bot.slack.posture import last_scans, since_last_week

_SINCE = "last week"
_ENDED: Mapping[ProposalState, str] = {
    ProposalState.DONE: "fixed, and the effect was observed",
    ProposalState.CANCELLED: "withdrawn or accepted",
    ProposalState.SNOOZED: "put off",
    ProposalState.EXPIRED: "expired without an answer",
    ProposalState.STALE: "no longer true",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """`problems` are sentences on what is not as it should be in this process."""

    service: Service
    overview: Overview
    clock: Callable[[], datetime]
    problems: Callable[[], Sequence[str]]
    people: Mapping[str, str] = field(default_factory=dict)

    def runs(self) -> Mapping[str, Run]:
        """What each command does, by its name."""
        return {
            "help": self.help,
            "status": self.status,
            "report": self.report,
            "policy": self.policy,
        }

    def help(self, asked: Asked) -> Payload:
        """The commands that this person may give."""
        security = self.service.is_security(asked.actor)
        mine = [each for each in COMMANDS.values() if security or not each.security]
        return help_answer([(each.usage, each.sentence) for each in mine])

    def status(self, asked: Asked) -> Payload:
        """How everything stands."""
        nothing_more(asked.typed)
        status = Status(
            self.clock(),
            since_last_week(self.overview.posture()),
            self.overview.waits_for(),
            last_scans(self.service.watched()),
            since=_SINCE,
            freeze=self.overview.freeze(),
            problems=[*self.problems(), *(f"Rules wait: {why}" for why in self.overview.held())],
            undelivered=self.overview.undelivered(),
            people=self.people,
        )
        return status_answer(status)

    def report(self, asked: Asked) -> Payload:
        """What a week brought."""
        nothing_more(asked.typed)
        now = self.clock()
        ended = self.overview.ended_since(now - WEEK)
        decided = {_ENDED.get(state, state.value): count for state, count in ended.items()}
        return report_answer(
            since_last_week(self.overview.posture()), decided, since=_SINCE, now=now
        )

    def policy(self, asked: Asked) -> Payload:
        """What a policy allows, a managed or an inline one."""
        words = asked.typed.words
        if len(words) != 1:
            raise UsageError(
                "name one policy by its ARN", hint=f"It goes: {COMMANDS['policy'].usage}"
            )
        arn = readable(words[0]).strip("`")
        summary = summary_of(self.service.policy(arn, asked.actor))
        levels = {name: _in_words(found) for name, found in summary.levels.items()}
        limits = {name: summary.limits(name) for name in summary.constraints}
        return policy_answer(
            PolicySummary(arn, levels, limits, summary.notes, summary.unknown, summary.everything)
        )


def _in_words(levels: Mapping[AccessLevel, bool]) -> list[str]:
    return [each.value if full else f"some {each.value}" for each, full in levels.items()]
