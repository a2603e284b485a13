"""What the settings mean to acting without being asked: accounts and their groups, and rules."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.config import Config, RemediationRuleSettings, ScheduleSettings
from bot.engine.foreseeing import Calendar, Unattended
from bot.engine.hours import WorkingHours
from bot.engine.looking_after import WatchRules
from bot.engine.remediation import RemediationRule, RemediationRules
from bot.engine.room import Limits
from bot.engine.timetable import Cron, Every, Rhythm, Schedule, Timetable
from bot.engine.windows import Window
from bot.errors import ConfigError
from bot.model import AnyControl, Grace, Occasion, RemediationMode, Risk
from bot.scheduler import wall_times

_AUTO = RemediationMode.AUTO
_GROUP = "group:"
KeyPath = tuple[str | int, ...]


def remediation_rules(config: Config, controls: Mapping[str, AnyControl]) -> RemediationRules:
    """The rules on acting by itself. `controls` are all that there are, by id.

    Raises ConfigError for a rule that could never match or act.
    """
    made: list[RemediationRule] = []
    for index, settings in enumerate(config.remediation.rules):
        at: KeyPath = ("remediation", "rules", index)
        rule = _rule(config, settings, at)
        _refuse_unfit(config, settings, rule, controls, at)
        _refuse_shadowed(config, rule, made, at)
        made.append(rule)
    adding = frozenset(control.id for control in controls.values() if control.adds_rights)
    asking = frozenset(control.id for control in controls.values() if control.approval_only)
    mode = RemediationMode(config.remediation.mode)
    return RemediationRules(mode, tuple(made), adding, asking)


def accounts_named(config: Config, names: Sequence[str], at: KeyPath) -> frozenset[str]:
    """The account ids behind ids and groups. Raises ConfigError for what isn't in `accounts`."""
    known = {each.id: frozenset(each.groups) for each in config.accounts}
    found: set[str] = set()
    for name in names:
        group = name.removeprefix(_GROUP)
        members = {name} if group == name else {id_ for id_, of in known.items() if group in of}
        if not members:
            raise ConfigError(
                f"{config.where(at)}: no account is in {name}",
                hint="`accounts:` says which groups each account belongs to.",
            )
        strangers = members - known.keys()
        if strangers and known:
            raise ConfigError(
                f"{config.where(at)}: {', '.join(sorted(strangers))} is not among `accounts`",
                hint="Add it there, or take it out of here.",
            )
        found |= members
    return frozenset(found)


def refuse_alike(config: Config) -> None:
    """Raise ConfigError for two accounts with one id or name."""
    seen: set[str] = set()
    for index, account in enumerate(config.accounts):
        for key, value in (("id", account.id), ("name", account.name)):
            if value in seen:
                raise ConfigError(
                    f"{config.where(('accounts', index, key))}: another account is called {value}",
                    hint="Give each account once, with a name of its own.",
                )
        seen |= {account.id, *([account.name] if account.name else [])}


def _rule(config: Config, settings: RemediationRuleSettings, at: KeyPath) -> RemediationRule:
    match = settings.match
    accounts = match.accounts
    where = (*at, "match", "accounts")
    return RemediationRule(
        settings.name,
        settings.mode,
        controls=None if match.controls is None else frozenset(match.controls),
        accounts=None if accounts is None else accounts_named(config, accounts, where),
        severities=None if match.severities is None else frozenset(match.severities),
        grace=Grace.parse(settings.grace or "0d"),
        max_risk=settings.max_risk,
        allow_irreversible=frozenset(settings.allow_irreversible),
        undoes_on_harm=settings.undo_on_harm,
    )


def _refuse_unfit(
    config: Config,
    settings: RemediationRuleSettings,
    rule: RemediationRule,
    controls: Mapping[str, AnyControl],
    at: KeyPath,
) -> None:
    """Refuse what could never match or act, and words that mean nothing in the rule's mode."""
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


def _refuse_shadowed(
    config: Config,
    rule: RemediationRule,
    earlier: Sequence[RemediationRule],
    at: KeyPath,
) -> None:
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


def limits(config: Config) -> Limits:
    """How much rules may do. Raises ConfigError for windows of accounts that there are not."""
    settings = config.limits
    return Limits(
        per_scan=settings.per_scan,
        per_hour=settings.per_hour,
        per_day=settings.per_day,
        share_percent=settings.share_percent,
        per_hour_in_all=settings.per_hour_in_all,
        per_day_in_all=settings.per_day_in_all,
        principal_pause=timedelta(hours=settings.principal_pause_hours),
        canary=settings.canary,
        canary_wait=timedelta(hours=settings.canary_wait_hours),
        failures=settings.breaker_failures,
        undone=settings.breaker_undone,
        breaker_time=timedelta(hours=settings.breaker_hours),
        unusual_times=settings.unusual_times,
        unusual_least=settings.unusual_least,
        ramp=timedelta(hours=settings.ramp_hours),
        windows=tuple(_window(config, index) for index in range(len(settings.windows))),
    )


def watch_rules(config: Config) -> WatchRules:
    """How it is looked after what was done."""
    settings = config.watch
    return WatchRules(
        timedelta(days=settings.days),
        timedelta(hours=settings.every_hours),
        settings.regions,
        timedelta(hours=config.limits.canary_wait_hours),
    )


def unattended(config: Config) -> Unattended:
    """How much rules may do, and what time means to them. Raises ConfigError."""
    asking, every = config.asking, config.scan.every_hours
    hours = WorkingHours.read(asking.working_hours, asking.working_days, asking.zone)
    times = timetable(config)
    deadline, scans = timedelta(days=asking.deadline_days), timedelta(hours=every or 24)
    return Unattended(limits(config), Calendar(hours, deadline, scans, times), times)


def timetable(config: Config) -> Timetable:
    """When each account is looked at, and what else comes at times.

    Raises ConfigError for times that never come, and for two schedules of one thing.
    """
    scans: list[Schedule] = []
    others: dict[Occasion, Schedule] = {}
    for index, settings in enumerate(config.schedules):
        schedule = _schedule(config, index)
        if settings.what is Occasion.SCANS:
            scans.append(schedule)
        elif settings.what in others:
            raise ConfigError(
                f"{config.where(('schedules', index))}: {settings.what} have a schedule already",
                hint="Only scans can have several, for different accounts.",
            )
        else:
            others[settings.what] = schedule
    if config.scan.every_hours is not None:
        scans.append(Schedule(Every(timedelta(hours=config.scan.every_hours))))
    return Timetable(tuple(scans), others)


def _schedule(config: Config, index: int) -> Schedule:
    settings, at = config.schedules[index], ("schedules", index)
    named = settings.accounts
    return Schedule(
        _rhythm(config, settings, (*at, "cron")),
        settings.jitter,
        None if named is None else accounts_named(config, named, (*at, "accounts")),
    )


def _rhythm(config: Config, settings: ScheduleSettings, at: KeyPath) -> Rhythm:
    if settings.every_hours is not None:
        return Every(timedelta(hours=settings.every_hours))
    try:
        return Cron(wall_times(settings.cron or ""), ZoneInfo(settings.zone))
    except ValueError as error:
        raise ConfigError(
            f"{config.where(at)}: {settings.cron!r} is no time: {error}",
            hint="Such as: 30 1 * * mon-fri",
        ) from error


def _window(config: Config, index: int) -> Window:
    settings = config.limits.windows[index]
    hours = WorkingHours.read(settings.hours, settings.days, settings.zone)
    at: KeyPath = ("limits", "windows", index, "accounts")
    return Window(
        accounts_named(config, settings.accounts, at),
        hours.begins,
        hours.ends,
        hours.days,
        settings.zone,
        frozenset(settings.holidays),
    )
