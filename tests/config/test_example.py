"""The example file and the JSON Schema say what the models say."""

from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field

from bot.config import (
    AccountSettings,
    AnchorSettings,
    ApprovalMatch,
    ApprovalRule,
    Config,
    ControlSettings,
    Person,
    RemediationMatch,
    RemediationRuleSettings,
    Settings,
    WindowSettings,
    example,
    schema,
)
from bot.config.environment import Overrides
from bot.config.example import item_model
from bot.config.yaml_file import parse_yaml


class Colour(StrEnum):
    RED = "red"


class Inner(BaseModel):
    depth: int = Field(default=1, description="How deep.")


class Sample(BaseModel):
    enabled: bool = True
    days: int = Field(default=45, ge=1, description="Days: " + "long " * 40)
    names: tuple[str, ...] = Field(default=("a: b", "no"), description="Names.")
    colour: Colour = Colour.RED
    inner: Inner = Inner()


CONTROLS = (ControlSettings("sample-control", "A sample", Sample),)


def written() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(example(CONTROLS))
    return data


def test_reading_the_example_gives_the_defaults() -> None:
    config = Config.from_sources(parse_yaml(example(CONTROLS), Path("e.yaml")), Overrides())

    assert config.model_dump(exclude={"controls"}) == Config().model_dump(exclude={"controls"})
    assert Sample.model_validate(config.controls["sample-control"]) == Sample()


def test_every_setting_stands_in_the_example_and_is_described() -> None:
    data = written()

    for section, info in Settings.model_fields.items():
        annotation: Any = info.annotation
        if section == "controls" or item_model(annotation):
            assert info.description
            continue
        assert annotation.__doc__
        assert set(data[section]) == set(annotation.model_fields)
        assert all(field.description for field in annotation.model_fields.values())
    assert set(data["controls"]["sample-control"]) == set(Sample.model_fields)


def test_the_example_fits_100_columns() -> None:
    assert max(map(len, example(CONTROLS).splitlines())) <= 100


def commented(name: str, number: int = 1) -> Any:
    """The item that stands commented out below the n-th empty list of a name."""
    below = example(CONTROLS).split(f"{name}: []\n")[number].splitlines()
    lines = takewhile(lambda line: line.lstrip().startswith("#  "), below)
    return yaml.safe_load("\n".join(line.lstrip().removeprefix("#") for line in lines))


def test_the_commented_person_is_a_valid_one_with_every_setting() -> None:
    people = commented("people")

    assert Config.model_validate({"people": people}).people[0].name == "Alice"
    assert set(people[0]) == set(Person.model_fields)


def test_the_commented_rule_is_a_valid_one_with_every_setting() -> None:
    rules = commented("rules")

    assert Config.model_validate({"approvals": {"rules": rules}}).approvals.rules[0].people == 2
    assert set(rules[0]) == set(ApprovalRule.model_fields)
    assert set(rules[0]["match"]) == set(ApprovalMatch.model_fields)


def test_the_commented_anchors_are_valid_ones_with_every_setting() -> None:
    anchors = commented("anchors")

    read = Config.model_validate({"audit": {"anchors": anchors}}).audit.anchors
    assert len(read) == len(AnchorSettings.model_fields)
    for item in anchors:
        ((kind, given),) = item.items()
        (section, _) = get_args(AnchorSettings.model_fields[kind].annotation)
        assert set(given) == set(section.model_fields)


def test_the_commented_items_of_acting_alone_are_valid_ones_with_every_setting() -> None:
    (rule,), (window,), (account,) = (
        commented("rules", 2),
        commented("windows"),
        commented("accounts"),
    )
    given = {
        "remediation": {"rules": [rule]},
        "limits": {"windows": [window]},
        "accounts": [account],
    }

    assert Config.model_validate(given).remediation.rules[0].undo_on_harm
    assert set(rule) == set(RemediationRuleSettings.model_fields)
    assert set(rule["match"]) == set(RemediationMatch.model_fields)
    assert set(window) == set(WindowSettings.model_fields)
    assert set(account) == set(AccountSettings.model_fields)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("{}", True),
        ("aws:", True),
        ("aws: {profil: x}", False),
        ("scan: {fail_on: high}", True),
        ("scan: {fail_on: null}", True),
        ("scan: {fail_on: x}", False),
        ("controls: {sample-control: {days: 3}}", True),
        ("controls: {sample-control: {days: 0}}", False),
        ("controls: {sample-control: {inner: {depth: x}}}", False),
        ("controls: {other: {}}", False),
        ("people: [{name: a}]", True),
        ("people: [{}]", False),
        ("proposals: {cool_off_caps: {high: 3}}", True),
        ("proposals: {cool_off_caps: {hihg: 3}}", False),
        ("owners: {teams: {web: S01}, sources: [tags]}", True),
        ("owners: {sources: [hearsay]}", False),
        ("approvals: {rules: [{who: [owner], match: {risks: [disruptive]}}]}", True),
        ("approvals: {rules: [{who: []}]}", False),
        ("audit: {anchors: [{file: {path: /x}}, {s3: {bucket: abc}}]}", True),
        ("audit: {anchors: [{file: {path: x}}]}", False),
        ("audit: {anchors: [{pigeon: {}}]}", False),
        ("audit: {anchors: [{s3: {bucket: abc, lock: NONE}}]}", False),
        ("asking: {working_days: [mon]}", True),
        ("asking: {working_days: [monday]}", False),
    ],
)
def test_the_schema_accepts_what_loading_accepts(text: str, valid: bool) -> None:
    validator = Draft202012Validator(schema(CONTROLS))

    assert validator.is_valid(yaml.safe_load(text)) is valid


def test_the_schema_is_one_and_accepts_the_example() -> None:
    Draft202012Validator.check_schema(schema(CONTROLS))
    Draft202012Validator(schema(CONTROLS)).validate(written())
