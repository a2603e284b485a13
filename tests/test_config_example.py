"""config.example.yaml is what the models and the controls say, and changes nothing."""

from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from bot import registry
from bot.cli.configuring import example_file
from bot.config import Config, ControlSettings, load, schema

EXAMPLE = Path(__file__).parent.parent / "config.example.yaml"


def test_the_file_is_what_the_models_and_controls_say() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == example_file()


def test_the_file_equals_the_defaults() -> None:
    config = load(EXAMPLE, {})

    assert config.model_dump(exclude={"controls"}) == Config().model_dump(exclude={"controls"})
    assert registry.controls(config.controls, where=config.where) == registry.controls({})
    assert set(config.controls) == set(registry.discover())


def test_the_file_validates_against_the_schema() -> None:
    controls = [
        ControlSettings(control.id, control.title, control.settings)
        for control in registry.discover().values()
    ]

    Draft202012Validator(schema(controls)).validate(
        yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    )
