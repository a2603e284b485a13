"""What the settings mean to acting without being asked: accounts and their groups, and rules."""

from collections.abc import Mapping, Sequence
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
from bot.model import AnyControl, Grace, Occasion, RemediationMode
from bot.scheduler import wall_times
from bot.unfit_rules import KeyPath, refuse_shadowed, refuse_unfit

_GROUP = "group:"


def remediation_rules(config: Config, controls: Mapping[str, AnyControl]) -> RemediationRules:
    """The rules on acting by itself. `controls` are all that there are, by id.

    Raises ConfigError for a rule that could never match or act.
    """
    made: list[RemediationRule] = []
    for index, settings in enumerate(config.remediation.rules):
        at: KeyPath = ("remediation", "rules", index)
        rule = _rule(config, settings, at)
        refuse_unfit(config, settings, rule, controls, at)
        refuse_shadowed(config, rule, made, at)
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
