"""What a scan says in an auditor's numbering: each requirement, and how it stands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.engine.views import FindingView, ScanResult
from bot.model import AnyControl, FindingStatus, Framework
from bot.model.framework import dropped_from, in_order, numbers_in


class Standing(StrEnum):
    """How a requirement stands, as far as our controls look; the worst of them counts.

    One that passed is so by our controls, which an auditor may find too few.
    """

    FAILED = "failed"
    NOT_EVALUATED = "not evaluated"
    SWITCHED_OFF = "switched off"
    EXEMPT = "exempt"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One number of a framework, with the controls that are about it and their findings."""

    number: str
    standing: Standing
    controls: tuple[str, ...]
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class FrameworkView:
    """A scan in a framework's numbering.

    `dropped` are controls whose requirement is one of an earlier edition only, with its number
    there; what they find is no finding of this framework.
    """

    framework: Framework
    requirements: tuple[Requirement, ...]
    dropped: Mapping[str, str]


def controls_of(
    controls: Iterable[AnyControl], framework: Framework
) -> Mapping[str, tuple[AnyControl, ...]]:
    """Controls by each number of the framework, in the numbers' order."""
    by_number: dict[str, list[AnyControl]] = defaultdict(list)
    for control in controls:
        for number in numbers_in(control.standards, framework):
            by_number[number].append(control)
    return {number: tuple(by_number[number]) for number in sorted(by_number, key=in_order)}


def dropped(controls: Iterable[AnyControl], framework: Framework) -> Mapping[str, str]:
    """Controls whose requirement this edition dropped, by id: where an earlier one had it."""
    found = {each.id: dropped_from(each.standards, framework) for each in controls}
    return {id_: where for id_, where in found.items() if where}


def framework_view(
    framework: Framework,
    result: ScanResult,
    controls: Sequence[AnyControl],
    enabled: Iterable[str],
) -> FrameworkView:
    """What a scan says about each requirement. `enabled` are the ids of controls that are on."""
    switched_on = set(enabled)
    requirements = [
        _requirement(number, [each.id for each in about], result, switched_on)
        for number, about in controls_of(controls, framework).items()
    ]
    return FrameworkView(framework, tuple(requirements), dropped(controls, framework))


def _requirement(
    number: str, about: Sequence[str], result: ScanResult, enabled: set[str]
) -> Requirement:
    found = tuple(each for each in result.findings if each.record.finding.control in about)
    return Requirement(number, _standing(about, found, result, enabled), tuple(about), found)


def _standing(
    about: Sequence[str],
    found: Sequence[FindingView],
    result: ScanResult,
    enabled: set[str],
) -> Standing:
    if any(each.record.status is FindingStatus.OPEN for each in found):
        return Standing.FAILED
    if any(each in result.not_evaluated for each in about):
        return Standing.NOT_EVALUATED
    if not enabled.issuperset(about):
        return Standing.SWITCHED_OFF
    return Standing.EXEMPT if found else Standing.PASSED
