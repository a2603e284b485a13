"""The few words that every message uses alike."""

from collections.abc import Mapping

from bot.model import Finding, OwnerSource, Resource, Severity
from bot.slack.blocks import letters
from bot.slack.blocks.escape import Markup, code, say, worded

#: A sign and the word, so that neither colours nor pictures are needed to tell them apart.
SEVERITIES: Mapping[Severity, Markup] = {
    Severity.CRITICAL: say("🔴 critical"),
    Severity.HIGH: say("🟠 high"),
    Severity.MEDIUM: say("🟡 medium"),
    Severity.LOW: say("🔵 low"),
    Severity.INFO: say("⚪ info"),
}
_SOURCES: Mapping[OwnerSource, str] = {
    OwnerSource.HANDED_OVER: "someone handed it over",
    OwnerSource.TAGS: "a tag says so, and whoever may tag can write one",
    OwnerSource.MAPPING: "the mapping of owners says so",
    OwnerSource.ACCOUNT: "the whole account is theirs",
    OwnerSource.ACCOUNT_TAGS: "a tag of the account says so",
    OwnerSource.CREATOR: "CloudTrail says who made it",
    OwnerSource.DEFAULT: "no other source knows an owner",
    OwnerSource.SECURITY: "nobody else could be reached",
}


#: What is written in capitals.
_SHORT = {word.lower(): word for word in ("MFA", "EC2", "IAM", "SCP", "SAML", "SSH")}


def control_words(control: str) -> str:
    """A control's id, or a topic, as words: `root without MFA`. Not escaped."""
    words = control.replace("_", "-").split("-")
    return " ".join(_SHORT.get(word, word) for word in words)


def source_words(source: OwnerSource) -> str:
    """How an owner is known, as half a sentence of ours."""
    return _SOURCES[source]


def resource_words(resource: Resource) -> Markup:
    """What a finding is about, as a code span, with a warning where its name looks like another."""
    name = resource.name
    if resource.key is not None:
        key = resource.key
        name = f"{key.user}: {key.key_id or f'key {key.slot}'}"
    return say("{name}{warned}", name=code(name, 200), warned=warned(name))


def warned(name: str) -> Markup:
    """` ⚠️ contains letters of another script` after a name that needs it, or nothing."""
    warning = letters.warning(name)
    return say(" ⚠️ {warning}", warning=warning) if warning else say("")


def sentence(text: str, limit: int = 600) -> Markup:
    """A summary of ours, whose names are data, with its full stop."""
    return say("{text}.", text=worded(text.rstrip(". "), limit))


def severity_and_summary(finding: Finding, limit: int = 600) -> Markup:
    """What is wrong, in a sentence, worst word first."""
    return say(
        "*{severity}* · {summary}",
        severity=SEVERITIES[finding.severity],
        summary=sentence(finding.summary, limit),
    )


def times(count: int) -> str:
    """`once`, `3 times`. Plain text."""
    return "once" if count == 1 else f"{count} times"


def counted(count: int, noun: str) -> str:
    """`1 question`, `2 questions`, `no questions`. Plain text."""
    return f"{count or 'no'} {noun}" + ("" if count == 1 else "s")
