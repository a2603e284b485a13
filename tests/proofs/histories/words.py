"""What the firm's configuration says, and what else it could say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.engine.remediation import RemediationRule, RemediationRules
from bot.engine.room import Limits
from bot.model import Grace, RemediationMode
from tests.proofs.histories.quick_account import ACCOUNT_ID

#: Nothing but a count per hour and day is in the way of rules; the rest has tests of its own.
WIDE = Limits(
    per_scan=100, per_hour=100, per_day=100, share_percent=100, per_hour_in_all=100,
    per_day_in_all=100, principal_pause=timedelta(), canary=100, failures=100, undone=100,
    unusual_least=1_000, ramp=timedelta(),
)  # fmt: skip


def rule(days: int) -> RemediationRules:
    """One rule that switches idle keys off after so many days of grace."""
    one = RemediationRule(
        "idle-keys",
        RemediationMode.AUTO,
        frozenset({"unused-access-key"}),
        grace=Grace(timedelta(days=days)),
    )
    return RemediationRules(rules=(one,))


@dataclass(frozen=True)
class Words:
    """What the configuration says; a change of it comes with new processes."""

    remediation: RemediationRules = field(default_factory=RemediationRules)
    limits: Limits = WIDE
    protected: tuple[str, ...] = ()
    strict: bool = False
    subject_may_approve: bool = True
    anyone_resumes: bool = False

    def tight(self) -> "Words":
        """The same, and rules may make one change a day."""
        return replace(self, limits=replace(WIDE, per_hour=1, per_day=1))

    def protecting(self, user: str) -> "Words":
        """The same, and this user is protected."""
        arn = f"arn:aws:iam::{ACCOUNT_ID}:user/{user}"
        return replace(self, protected=(*self.protected, arn))


#: Other words, made of those before and of the user whom a question is about.
OTHER: Mapping[str, Callable[[Words, str], Words]] = {
    "no rule": lambda words, _user: replace(words, remediation=RemediationRules()),
    "rule of two days": lambda words, _user: replace(words, remediation=rule(2)),
    "rule of a day": lambda words, _user: replace(words, remediation=rule(1)),
    "low limits": lambda words, _user: words.tight(),
    "no limits": lambda words, _user: replace(words, limits=WIDE),
    "nothing allowed": lambda words, _user: replace(words, limits=replace(WIDE, per_day=0)),
    "strict": lambda words, _user: replace(words, strict=True),
    "not strict": lambda words, _user: replace(words, strict=False),
    "others must approve": lambda words, _user: replace(words, subject_may_approve=False),
    "protected": lambda words, user: words.protecting(user),
}
