"""`policy`: what policy documents allow, of AWS or of files."""

import sys
from pathlib import Path

import click

from bot.aws.offline_files import text_of
from bot.cli.commands import command, group
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.errors import ExitCode
from bot.policy import Document, Relation, compare, explain, parse_document, summary_of
from bot.reports.documents.policy import (
    policy_comparison_document,
    policy_explanation_document,
    policy_summary_document,
)
from bot.reports.policy_text import difference_lines, explained_lines, summary_lines

_POLICY = click.argument("policy", metavar="POLICY")


@group(root, "policy")
def policy() -> None:
    """What policies allow. A POLICY is a policy's ARN, a file of JSON, or - for stdin.

    An inline policy is named by the ARN of whoever has it, /inline/ and its name.
    """


@command(
    policy,
    "summary",
    examples=(
        "locksmith policy summary arn:aws:iam::aws:policy/ReadOnlyAccess",
        "locksmith policy summary arn:aws:iam::123456789012:role/ci/inline/deploy",
        "locksmith policy summary policy.json",
    ),
    codes=(ExitCode.TROUBLE,),
)
@_POLICY
@pass_session
def summary(session: Session, policy: str) -> None:
    """Sum up what a policy allows by service and access level, as AWS's console does.

    Full is every action of that level. PERMISSIONS are those of Permissions management; actions
    that hand out rights count as such, whatever AWS calls them. RESOURCES says whether that is
    allowed on all that a service has, or on some that the policy names; CONDITIONS whether only
    under conditions. A service whose levels differ in that has several rows.
    """
    found = summary_of(_document(session, policy))
    lines = summary_lines(policy, found, width=session.screen.width)
    session.screen.show(lines, policy_summary_document(policy, found))


@command(
    policy,
    "compare",
    examples=(
        "locksmith policy compare before.json after.json",
        "locksmith policy compare arn:aws:iam::aws:policy/PowerUserAccess ours.json",
    ),
    codes=(ExitCode.FINDINGS, ExitCode.TROUBLE),
)
@click.argument("first", metavar="POLICY")
@click.argument("second", metavar="POLICY")
@pass_session
def compare_policies(session: Session, first: str, second: str) -> int:
    """Say what changes where the second policy takes the place of the first.

    What is not named is surely the same. A right is named with "perhaps" where no request was
    found that proves the difference, as where a condition decides. Exits with 1 where the second
    may allow more.
    """
    difference = compare([_document(session, first)], [_document(session, second)])
    session.screen.show(
        difference_lines(first, second, difference),
        policy_comparison_document(first, second, difference),
    )
    wider = not difference.never_wider and difference.relation is not Relation.SAME
    return ExitCode.FINDINGS if wider else ExitCode.FINE


@command(
    policy,
    "explain",
    examples=("locksmith policy explain policy.json", "locksmith policy explain -"),
    codes=(ExitCode.TROUBLE,),
)
@_POLICY
@pass_session
def explain_policy(session: Session, policy: str) -> None:
    """Say each statement of a policy in a sentence, and what hands out rights in it."""
    found = explain(_document(session, policy))
    session.screen.show(explained_lines(policy, found), policy_explanation_document(policy, found))


def _document(session: Session, name: str) -> Document:
    """The document that a POLICY names. Raises InputError, PolicyDocumentError and AwsError."""
    if name.startswith("arn:"):
        return session.service.policy(name, session.actor)
    text = sys.stdin.read() if name == "-" else text_of(Path(name))
    return parse_document(text, where=name)
