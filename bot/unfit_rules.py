"""Which rules on acting alone are refused when the configuration is read, and why."""

from collections.abc import Callable, Mapping, Sequence

from bot.config import Config, RemediationRuleSettings
from bot.engine.remediation import RemediationRule
from bot.errors import ConfigError
from bot.model import AnyControl, RemediationMode, Risk

_AUTO = RemediationMode.AUTO
#: Where in the configuration something stands.
KeyPath = tuple[str | int, ...]


def refuse_unfit(
    config: Config,
    settings: RemediationRuleSettings,
    rule: RemediationRule,
    controls: Mapping[str, AnyControl],
    at: KeyPath,
) -> None:
    """Refuse what could never match or act, and words that mean nothing in the rule's mode.

    Raises ConfigError that names the line.
    """
    refuse = _refusing(config, f"rule {rule.name}")
    unknown = sorted((rule.controls or frozenset()) - controls.keys())
    if unknown:
        refuse((*at, "match", "controls"), f"no control is called {', '.join(unknown)}")
    if rule.mode is not _AUTO:
        for word in ("grace", "max_risk", "allow_irreversible", "unused_days", "undo_on_harm"):
            if word in settings.model_fields_set:
                refuse((*at, word), f"{word} means something for mode auto only")
        return
    if rule.controls is None:
        refuse(at, "a rule that acts by itself names its controls")
    if settings.grace is None:
        refuse(at, "a rule that acts by itself says its grace, like 5 working days")
    named = [controls[each] for each in sorted(rule.controls or ())]
    _refuse_unable(refuse, rule, named, at)
    _refuse_hasty(config, refuse, settings.unused_days, named, at)


def _refuse_hasty(
    config: Config,
    refuse: Callable[[KeyPath, str], None],
    least: int,
    named: Sequence[AnyControl],
    at: KeyPath,
) -> None:
    """Refuse to take away by itself what a program that runs each quarter may come back for."""
    for control in named:
        if not control.idle_setting:
            continue
        raw = config.controls.get(control.id, {}).get(control.idle_setting)
        days = control.settings().model_dump()[control.idle_setting] if raw is None else raw
        if isinstance(days, int) and days < least:
            refuse(
                (*at, "unused_days"),
                f"{control.id} takes what was unused for {days} days, and the rule needs {least}: "
                f"set controls.{control.id}.{control.idle_setting} to {least}, or unused_days of "
                "the rule lower, if nothing here runs so seldom",
            )


def _refuse_unable(
    refuse: Callable[[KeyPath, str], None],
    rule: RemediationRule,
    named: Sequence[AnyControl],
    at: KeyPath,
) -> None:
    beyond = sorted(rule.allow_irreversible - {each.id for each in named})
    if beyond:
        refuse((*at, "allow_irreversible"), f"the rule is not about {', '.join(beyond)}")
    if rule.allow_irreversible and rule.max_risk is not Risk.IRREVERSIBLE:
        refuse((*at, "allow_irreversible"), "it takes max_risk: irreversible too")
    for control in named:
        if control.risk is None:
            refuse((*at, "match", "controls"), f"people fix {control.id} by hand, always")
        elif control.adds_rights:
            refuse(
                (*at, "match", "controls"),
                f"fixes of {control.id} give someone rights, which two people approve",
            )
        elif control.approval_only:
            refuse(
                (*at, "match", "controls"),
                f"fixes of {control.id} may break what nobody foresees, so people approve them",
            )
        elif control.risk.rank > rule.max_risk.rank:
            refuse(
                (*at, "max_risk"),
                f"fixes of {control.id} are {control.risk}, and the rule goes no further than "
                f"{rule.max_risk}",
            )
        elif control.risk is Risk.IRREVERSIBLE and control.id not in rule.allow_irreversible:
            refuse(
                (*at, "allow_irreversible"),
                f"fixes of {control.id} can't be undone: name it here, or leave it out",
            )


def refuse_shadowed(
    config: Config,
    rule: RemediationRule,
    earlier: Sequence[RemediationRule],
    at: KeyPath,
) -> None:
    """Refuse a rule that is named as an earlier one, or of which one leaves nothing to match."""
    refuse = _refusing(config, f"rule {rule.name}")
    for other in earlier:
        if other.name == rule.name:
            refuse((*at, "name"), "another rule has this name")
        if _covers(other, rule):
            refuse(at, f"it could never match: rule {other.name} before it takes all of that")


def _covers(wide: RemediationRule, narrow: RemediationRule) -> bool:
    pairs = (
        (wide.controls, narrow.controls),
        (wide.accounts, narrow.accounts),
        (wide.severities, narrow.severities),
    )
    return all(more is None or (less is not None and less <= more) for more, less in pairs)


def _refusing(config: Config, what: str) -> Callable[[KeyPath, str], None]:
    def refuse(at: KeyPath, why: str) -> None:
        raise ConfigError(
            f"{config.where(at)}: {what}: {why}",
            hint="`locksmith rules test` shows what each rule would do, once they can be read.",
        )

    return refuse
