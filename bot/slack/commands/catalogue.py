"""Every command there is: how it is typed, what it does, for whom. Help and docs tell the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `security` keeps it to the security group and operators.

    `free_text` means that it ends in words of people's own, a reason, which may end in "share".
    `decides` means that something comes of it, so that it outlives whoever heard it.
    """

    name: str
    arguments: str
    sentence: str
    security: bool = False
    free_text: bool = False
    decides: bool = False

    @property
    def usage(self) -> str:
        """How it is typed."""
        return f"/locksmith {self.name} {self.arguments}".rstrip()


_ALL = (
    Command("help", "", "what there is, for you"),
    Command("mine", "", "what waits for you"),
    Command("show", "ID", "a finding, question or execution"),
    Command("approve", "ID", "the question with its buttons, to approve exactly that plan"),
    Command("deny", "ID [reason]", "say no, with a reason", free_text=True, decides=True),
    Command(
        "snooze",
        "ID [7d reason]",
        "put off for some days, or until one",
        free_text=True,
        decides=True,
    ),
    Command(
        "exempt", "ID [90d reason]", "accept a violation for a while", free_text=True, decides=True
    ),
    Command("undo", "ID", "propose to take a fix back, which must be approved too", decides=True),
    Command("owner", "RESOURCE @person", "say whose something is", decides=True),
    Command("key", "AKIA…", "whose an access key is, and what to do about it"),
    Command("exemptions", "", "what is accepted until when, and why"),
    Command("status", "", "how everything stands, and what waits for whom", security=True),
    Command("findings", "[filters]", "what was found; filters as in: critical mfa", security=True),
    Command("report", "", "what got better and how questions ended in a week", security=True),
    Command("policy", "ARN", "what a policy allows, by access level", security=True),
    Command(
        "scan", "[account]", "look at one account or all now, and ask", security=True, decides=True
    ),
    Command(
        "pause",
        "[reason]",
        "stop every write to AWS at once",
        security=True,
        free_text=True,
        decides=True,
    ),
    Command(
        "contain",
        "USER",
        "in an incident: shut every door of an IAM user",
        security=True,
        decides=True,
    ),
    Command("resume", "", "let writes go on, by another person", security=True, decides=True),
)

#: Every command by its name, in the order of help.
COMMANDS: Mapping[str, Command] = MappingProxyType({each.name: each for each in _ALL})
