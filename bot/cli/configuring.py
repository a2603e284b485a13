"""`controls` and `config`: what Locksmith looks for, and what it is set to."""

import json
from collections.abc import Sequence

import click
from rich.text import Text

from bot import registry
from bot.cli.arguments import framework_option
from bot.cli.commands import command, group
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.cli.screen import write_out
from bot.config import ControlSettings, example, schema
from bot.config.mistakes import unknown_name
from bot.config.yaml_file import dotted
from bot.errors import NotFoundError
from bot.model import Framework
from bot.model.framework import numbers_in
from bot.reports.catalogue import ControlView
from bot.reports.control_text import control_lines, controls_table
from bot.reports.documents.control import control_document, controls_document
from bot.reports.documents.installation import config_document
from bot.reports.framework_text import listed_by_number
from bot.reports.terminal import styled
from bot.reports.words import counted


@group(root, "controls", default="list")
def controls() -> None:
    """The best practices that Locksmith checks and fixes; alone it lists them."""


@command(
    controls,
    "list",
    examples=(
        "locksmith controls",
        "locksmith controls list --framework cis-7.0",
        "locksmith --output json controls list",
    ),
    codes=(),
)
@framework_option
@pass_session
def list_controls(session: Session, framework: str | None) -> None:
    """List every control, and whether it is switched on.

    With --framework only those that it asks for, by its numbers, and what its edition dropped.
    """
    views, width = control_views(session), session.screen.width
    if framework is None:
        session.screen.show(controls_table(views, width=width), controls_document(views))
        return
    chosen = Framework(framework)
    wanted = [view for view in views if numbers_in(view.control.standards, chosen)]
    session.screen.show(listed_by_number(views, chosen, width=width), controls_document(wanted))


@command(
    controls,
    "show",
    examples=("locksmith controls show unused-access-key",),
    codes=(),
)
@click.argument("control_id", metavar="ID")
@pass_session
def show_control(session: Session, control_id: str) -> None:
    """Show one control: what it detects, why, what it changes, how that is undone, its settings."""
    views = {view.control.id: view for view in control_views(session)}
    if control_id not in views:
        raise NotFoundError(f"{control_id!r}: {unknown_name(control_id, views, 'control')}")
    view = views[control_id]
    session.screen.show(control_lines(view), control_document(view))


def control_views(session: Session) -> Sequence[ControlView]:
    """Every control with the settings in force. Raises ConfigError for wrong ones."""
    config = session.app.config
    registry.controls(config.controls, where=config.where)
    return [
        ControlView(
            control,
            control.settings.model_validate(dict(config.controls.get(control.id) or {})),
            registry.documentation(control),
        )
        for control in registry.discover().values()
    ]


@group(root, "config", default="validate")
def config() -> None:
    """The configuration: check it, or teach it to an editor; alone it checks."""


@command(
    config,
    "validate",
    examples=("locksmith config validate", "locksmith --config locksmith.yaml config validate"),
    codes=(),
)
@pass_session
def validate(session: Session) -> None:
    """Check the configuration, the controls' settings included; names file and line of mistakes."""
    in_force = session.app.config
    enabled = registry.controls(in_force.controls, where=in_force.where)
    where = str(in_force.path) if in_force.path else "no file, so the defaults"
    lines = [
        Text("The configuration is valid.", "green"),
        styled(f"  read from {where}"),
        *(
            styled(f"  {dotted(at)} is set by {variable}")
            for at, variable in in_force.overridden.items()
        ),
        Text(f"  {counted(len(enabled), 'control')} switched on"),
    ]
    session.screen.show(lines, config_document(in_force, len(enabled)))


@command(
    config,
    "schema",
    examples=("locksmith config schema > locksmith.schema.json",),
    codes=(),
)
def print_schema() -> None:
    """Print the JSON Schema of the configuration file, for editors."""
    write_out(json.dumps(schema(_settings()), indent=2))


def example_file() -> str:
    """The text of config.example.yaml."""
    return example(_settings())


def _settings() -> Sequence[ControlSettings]:
    return [
        ControlSettings(control.id, control.title, control.settings)
        for control in registry.discover().values()
    ]
