"""Values for Home, lists and answers, each of whose texts can be made hostile at once."""

from dataclasses import replace
from datetime import timedelta

from bot.engine.doors import Contained, Door, DoorState
from bot.engine.overview import Decided
from bot.engine.views import FindingView, ScanResult
from bot.model import Finding, FindingRecord, FindingStatus, Freeze, MessageRecord, Verdict
from bot.slack.blocks.answers import PolicySummary, Status
from bot.slack.blocks.home import Home, SecurityHome, Waiting
from bot.slack.blocks.lists import Page
from bot.slack.blocks.posture_part import LastScan, TopicPosture
from bot.slack.blocks.question import Question
from tests.reports.samples import ACCOUNT, NOW, days_ago, proposal, record, view
from tests.slack.questions import ANN, decided, question

WORDS = "the vendor can't yet"
TOPICS = (
    TopicPosture("unused_credentials", 12, bad=2, change=3),
    TopicPosture("mfa", 4, change=-2),
    TopicPosture("root_account", 0),
    TopicPosture("monitoring", 0, not_evaluated=1),
)
SCANS = (LastScan(ACCOUNT.id, days_ago(0.1), live=True), LastScan("210987654321", None, live=False))


def finding(words: str = WORDS) -> Finding:
    """The sample finding, with these words wherever AWS or people have theirs."""
    known = record().finding
    resource = replace(known.resource, name=words, key=None)
    return known if words is WORDS else replace(known, summary=words, resource=resource)


def asked(words: str = WORDS) -> Question:
    """A question that waits."""
    return question(finding=finding(words))


def exempt(words: str = WORDS) -> FindingRecord:
    """A finding that is exempt for a week more."""
    return record(
        finding=finding(words),
        status=FindingStatus.EXEMPT,
        exempt_until=NOW + timedelta(days=7),
        exempt_reason=words,
    )


def frozen(words: str = WORDS) -> Freeze:
    """A freeze that stands."""
    return Freeze(days_ago(0.5), ANN, words)


def lost(words: str = WORDS) -> MessageRecord:
    """A message that Slack will never take."""
    return MessageRecord(
        "m-1", "card:p-1:UANN", "card", "UANN", "p-1", {}, None, NOW, NOW, error=words
    )


def home_of(words: str = WORDS, *, count: int = 1, security: bool = True) -> Home:
    """A Home with `count` of everything."""
    one = asked(words)
    for_security = SecurityHome(
        topics=TOPICS,
        since="last week",
        everyone=[Waiting(one, ("UANN", "S0TEAM", words))] * count,
        scans=SCANS * count,
        undelivered=[lost(words)] * count,
    )
    return Home(
        NOW,
        mine=[one] * count,
        capped=4,
        later=[one] * min(count, 4),
        decided=[Decided(decided(Verdict.DENY, reason=words), one.view.proposal)] * count,
        ending=[exempt(words)] * count,
        freeze=frozen(words),
        security=for_security if security else None,
    )


def finding_page(words: str = WORDS, *, count: int = 2) -> Page[FindingView]:
    """The middle of a long list."""
    shown = view(record=record(finding=finding(words)))
    return Page([shown] * count, 11, 40, "findings 1", "findings 3", f"in {words}")


def question_page(words: str = WORDS, *, count: int = 2) -> Page[Question]:
    """The middle of what waits for someone."""
    return Page([asked(words)] * count, 11, 40, "mine 1", "mine 3")


def scan_of(words: str = WORDS) -> ScanResult:
    """A scan that found something, and could not see everything."""
    shown = view(record=record(finding=finding(words)))
    return ScanResult(
        ACCOUNT,
        days_ago(0.2),
        days_ago(0.1),
        calls={},
        unavailable=(),
        not_evaluated={f"control-{number}": words for number in range(12)},
        findings=[shown] * 3,
        new=2,
        resolved=1,
        warnings=(words,),
    )


def exemption_page(words: str = WORDS) -> Page[FindingRecord]:
    """The only page of a short list."""
    return Page([exempt(words)], 1, 1)


def status_of(words: str = WORDS) -> Status:
    """Everything that can be the matter."""
    return Status(
        NOW,
        TOPICS,
        [("UANN", 3), ("S0TEAM", 1), (words, 1)],
        SCANS,
        since="last week",
        freeze=frozen(words),
        problems=[words],
        undelivered=[lost(words)],
    )


def policy_of(words: str = WORDS) -> PolicySummary:
    """A policy that allows something of two services."""
    return PolicySummary(
        "arn:aws:iam::123456789012:policy/ops" if words is WORDS else words,
        {"s3": ("List", "Read"), "iam": ("Permissions management",)},
        {"s3": "resources: some", "iam": ""},
        (words,),
        (words,),
    )


def contained(words: str = WORDS) -> Contained:
    """A user with one door still open, and one that could not be looked at."""
    return Contained(
        "ann" if words is WORDS else words,
        ACCOUNT,
        (
            Door("access key AKIAIOSFODNN7EXAMPLE", DoorState.CLOSED, note="it is off"),
            Door("sessions of assumed roles", DoorState.OPEN, NOW + timedelta(hours=12), words),
            Door("every SSH public key", DoorState.UNKNOWN, note=words),
        ),
        proposals=(proposal(),),
        problem=words,
    )
