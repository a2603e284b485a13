"""What policies allow, on everything there is, of a list of actions that says why of each."""

from collections.abc import Iterable, Iterator, Mapping

from bot.model import Finding, Severity, Snapshot
from bot.policy import Document
from remediations.access_levels._written import about, allowed_everywhere, cut, written


def findings_of(
    actions: Mapping[str, str],
    snapshot: Snapshot,
    control: tuple[str, Severity],
    what: str,
    *,
    administrators: tuple[str, ...],
    spared: Iterable[str],
) -> Iterator[Finding]:
    """One finding per policy that allows any of `actions`, but for those in `spared`.

    `control` is its id and severity; `what` says what such a policy does.
    """
    for each in written(snapshot, administrators):
        allowed = listed_in(each.document, actions, snapshot, spared)
        if allowed:
            why = cut([f"{action}: {actions[action]}" for action in sorted(allowed)])
            yield about(control[0], each, control[1], what, allowed, why=why)


def listed_in(
    document: Document, actions: Iterable[str], snapshot: Snapshot, spared: Iterable[str]
) -> frozenset[str]:
    """Those of the list that a document allows everywhere, but for the spared ones."""
    left_out = {each.casefold() for each in spared}
    wanted = {each.casefold(): each for each in actions if each.casefold() not in left_out}
    everywhere = allowed_everywhere(document, snapshot.account.partition)
    names = {action.casefold() for action in everywhere} & wanted.keys()
    return frozenset(wanted[name] for name in names)
