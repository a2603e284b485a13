"""A scan in an auditor's numbering: how each requirement stands, and what an edition dropped."""

from dataclasses import replace
from typing import Any

import pytest

from bot import registry
from bot.model import FindingStatus, Framework, Standards
from bot.model.framework import dropped_from, in_order, numbers_in
from bot.reports.framework import Standing, controls_of, dropped, framework_view
from bot.reports.framework_text import framework_lines
from tests.reports.printing import printed
from tests.reports.samples import CONTROL, FINDING, record, scan_result, view

OLD_ONLY = Standards(cis={"3.0": ("1.13",), "5.0": ("1.12",)})
CIS_7 = Framework.CIS_7


def control(name: str, *numbers: str) -> Any:
    return replace(CONTROL.control, id=name, standards=Standards(cis={"7.0": numbers}))


def standing(*, enabled: tuple[str, ...] = ("a", "b"), **changes: Any) -> Standing:
    """How the requirement 2.11 stands, which the controls a and b are about."""
    result = scan_result(**{"findings": (), "not_evaluated": {}, **changes})
    controls = (control("a", "2.11"), control("b", "2.11"), control("c", "2.12"))
    (first, _) = framework_view(CIS_7, result, controls, (*enabled, "c")).requirements
    assert (first.number, first.controls) == ("2.11", ("a", "b"))
    return first.standing


def found(name: str, **changes: Any) -> Any:
    return view(record=record(finding=replace(FINDING, control=name), **changes))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Standing.PASSED),
        ({"findings": (found("a"),)}, Standing.FAILED),
        ({"findings": (found("c"),)}, Standing.PASSED),
        ({"findings": (found("a", status=FindingStatus.EXEMPT),)}, Standing.EXEMPT),
        ({"findings": (found("a", status=FindingStatus.EXEMPT), found("b"))}, Standing.FAILED),
        ({"not_evaluated": {"b": "no report"}}, Standing.NOT_EVALUATED),
        ({"not_evaluated": {"b": "no report"}, "findings": (found("a"),)}, Standing.FAILED),
        ({"enabled": ("a",)}, Standing.SWITCHED_OFF),
        ({"enabled": ("a",), "findings": (found("a"),)}, Standing.FAILED),
        (
            {"enabled": ("a",), "findings": (found("a", status=FindingStatus.EXEMPT),)},
            Standing.SWITCHED_OFF,
        ),
    ],
)
def test_how_a_requirement_stands(changes: dict[str, Any], expected: Standing) -> None:
    assert standing(**changes) is expected


@pytest.mark.parametrize(
    ("standards", "framework", "expected"),
    [
        (OLD_ONLY, Framework.CIS_7, "1.12 of CIS 5.0"),
        (OLD_ONLY, Framework.CIS_5, ""),
        (Standards(cis={"3.0": ("1.2",)}), Framework.CIS_7, "1.2 of CIS 3.0"),
        (Standards(cis={"7.0": ("2.21",)}), Framework.CIS_5, ""),  # came later
        (Standards(cis={"7.0": ("2.21",)}), Framework.CIS_7, ""),
        (OLD_ONLY, Framework.PCI, ""),
    ],
)
def test_what_an_edition_dropped(standards: Standards, framework: Framework, expected: str) -> None:
    assert dropped_from(standards, framework) == expected


def test_numbers_come_in_their_own_order() -> None:
    numbers = ["IAM.22", "1.10", "AC-2(1)", "IAM.9", "1.9", "AC-2"]
    assert sorted(numbers, key=in_order) == ["1.9", "1.10", "AC-2", "AC-2(1)", "IAM.9", "IAM.22"]


def test_every_framework_has_its_numbers_from_the_controls() -> None:
    controls = tuple(registry.discover().values())
    for framework in Framework:
        by_number = controls_of(controls, framework)
        assert by_number
        assert not {each.id for about in by_number.values() for each in about} & set(
            dropped(controls, framework)
        )
    key = registry.discover()["unused-access-key"].standards
    assert numbers_in(key, Framework.FSBP) == ("IAM.8",)
    assert numbers_in(key, Framework.PCI) == ("8.2.6",)
    assert numbers_in(key, Framework.CIS_7) == ("2.11",)


def test_people_see_numbers_standings_and_what_was_dropped() -> None:
    controls = (
        control("a", "2.11"),
        control("b", "2.3"),
        replace(CONTROL.control, standards=OLD_ONLY),
    )
    result = scan_result(findings=(found("a"),), not_evaluated={})
    text = printed(framework_lines(framework_view(CIS_7, result, controls, ("a", "b"))))

    assert "CIS AWS Foundations Benchmark 7.0" in text
    lines = [line.split() for line in text.splitlines()]
    assert lines[2:4] == [["2.3", "passed", "b"], ["2.11", "failed", "1", "a"]]
    assert "1 of 2 requirements that Locksmith's controls are about failed." in text
    assert f"{CONTROL.control.id}: was 1.12 of CIS 5.0" in text
