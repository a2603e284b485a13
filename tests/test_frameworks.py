"""Every number that a control claims is in its catalogue, and none that should be ours is missing.

`tests/data/frameworks` says which numbers there are, where they were read, and why some are not
ours. Its titles are our own words.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot import registry
from bot.model import AnyControl, Framework
from bot.model.framework import numbers_in
from bot.reports.framework import controls_of
from tools.control_pages import docstring

RECORDS = Path(__file__).parent / "data" / "frameworks"
HUB = "security-hub"


@cache
def record(name: str) -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads((RECORDS / f"{name}.json").read_text())
    return found


def hub() -> Mapping[str, Any]:
    """Controls of Security Hub, of which the best practices are a part."""
    found: dict[str, Any] = record(HUB)["items"]
    return found


def known(framework: Framework) -> Mapping[str, str]:
    """The numbers that are on record: for each why it is not ours, empty where it is."""
    if framework is Framework.FSBP:
        return {id_: each.get("not_ours", "") for id_, each in hub().items() if each["fsbp"]}
    found = record(framework)
    return {number: found["not_ours"].get(number, "") for number in found["items"]}


def claimed(framework: Framework) -> Mapping[str, tuple[AnyControl, ...]]:
    return controls_of(registry.discover().values(), framework)


@pytest.mark.parametrize("name", sorted(path.stem for path in RECORDS.iterdir()))
def test_a_record_says_where_it_was_read(name: str) -> None:
    found = record(name)

    assert found["framework"] == name
    assert found["sources"]
    assert all(each.startswith("https://") for each in found["sources"])
    assert dt.date.fromisoformat(found["read"]) >= dt.date(2026, 11, 29)
    assert found.get("not_ours", {}).keys() <= found["items"].keys()
    assert all(found.get("not_ours", {}).values())


@pytest.mark.parametrize("framework", Framework)
def test_a_claimed_number_is_on_record(framework: Framework) -> None:
    wrong = {
        number: [each.id for each in controls]
        for number, controls in claimed(framework).items()
        if number not in known(framework)
    }
    assert wrong == {}


@pytest.mark.parametrize("framework", Framework)
def test_a_number_on_record_is_claimed_or_has_a_reason(framework: Framework) -> None:
    ours = claimed(framework).keys()
    missing = [number for number, why in known(framework).items() if not why and number not in ours]
    needless = [number for number, why in known(framework).items() if why and number in ours]

    assert missing == []
    assert needless == []


@pytest.mark.parametrize("id_", [each for each in hub() if hub()[each]["fsbp"]])
def test_a_best_practice_is_claimed_by_the_controls_on_record(id_: str) -> None:
    ours = [control.id for control in claimed(Framework.FSBP).get(id_, ())]
    assert sorted(ours) == sorted(hub()[id_].get("controls", []))


def related(one: Mapping[str, Any]) -> set[tuple[Framework, str]]:
    """Every number that AWS relates a control of Security Hub to."""
    cis = one.get("cis", {})
    numbers = {
        Framework.CIS_3: cis.get("3.0", ()),
        Framework.CIS_5: cis.get("5.0", ()),
        Framework.NIST: one.get("nist", ()),
        Framework.PCI: one.get("pci", ()),
    }
    return {(framework, each) for framework, found in numbers.items() for each in found}


@pytest.mark.parametrize("id_", [each for each in hub() if "controls" in hub()[each]])
def test_what_aws_relates_to_its_control_ours_have_between_them(id_: str) -> None:
    one = hub()[id_]
    controls = registry.discover()
    ours = {
        (framework, number)
        for each in (*one["controls"], *one.get("beside", ()))
        for framework in Framework
        for number in numbers_in(controls[each].standards, framework)
    }
    assert related(one) - ours == set()


def said(control: AnyControl) -> Mapping[str, str]:
    """What a page says of each edition of CIS: `1.8, 1.9`, or `4.1 to 4.15`."""
    line = re.search(r"^CIS AWS Foundations Benchmark (.*)$", docstring(control), re.MULTILINE)
    if line is None:
        return {}
    parts = re.split(r"\b([357]\.0): ", line[1])
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize(
    "control",
    [each for each in registry.discover().values() if said(each)],
    ids=lambda each: each.id,
)
def test_a_page_names_the_numbers_that_the_control_claims(control: AnyControl) -> None:
    assert said(control).keys() == control.standards.cis.keys()
    for version, words in said(control).items():
        named = re.findall(r"\d+(?:\.\d+)+", words.partition("7.0 dropped")[0])
        ours = list(control.standards.cis[version])
        assert named == ([ours[0], ours[-1]] if " to " in words else ours)
