"""What the settings mean to the engine: rules on approvals, on owners, on asking, and names."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from functools import partial

from bot import registry, unattended
from bot.config import ApprovalRule, Config
from bot.engine import owner_mapping
from bot.engine.approvals import Approvals
from bot.engine.beginning import AskingRules
from bot.engine.creators import Creators
from bot.engine.hours import WorkingHours
from bot.engine.owner_claims import OwnerRules, key_readers
from bot.engine.people import People
from bot.engine.remembering import Patience
from bot.engine.rules import OWNER, SECURITY, TRUSTED_OWNER, Rule, built_in
from bot.engine.tidying import Retention
from bot.errors import ConfigError
from bot.model import AnyControl, KnownAccounts, Snapshot

_CAPACITIES = frozenset({OWNER, TRUSTED_OWNER, SECURITY})


def patience(config: Config) -> Patience:
    """When questions are asked again, and how long a yes stands."""
    settings = config.proposals
    return Patience(
        cool_off=timedelta(days=settings.cool_off_days),
        approval=timedelta(days=settings.approval_days),
        caps={severity: timedelta(days=days) for severity, days in settings.cool_off_caps.items()},
    )


def known_accounts(config: Config) -> KnownAccounts:
    """Which accounts are no strangers; those that are worked on are one's own."""
    settings = config.known_accounts
    return KnownAccounts(
        frozenset((*settings.own, *(each.id for each in config.accounts))),
        settings.organization_id,
        settings.vendors,
    )


def approvals(config: Config, controls: Mapping[str, AnyControl]) -> Approvals:
    """Who may decide what; an operator decides alone where there is no Slack to ask others in.

    `controls` are all that there are, by id. Raises ConfigError for a rule that names another one.
    """
    settings = config.approvals
    rules = tuple(_rule(config, index, controls) for index in range(len(settings.rules)))
    return Approvals(
        People(names(config)),
        rules=(*rules, *built_in(settings.irreversible_people, adding_rights(controls))),
        lasts=timedelta(days=config.proposals.approval_days),
        alone=not config.slack.is_used,
        subject_may_approve=settings.subject_may_approve,
        strict=settings.strict,
        anyone_resumes=settings.resume == "anyone",
        remediation=unattended.remediation_rules(config, controls),
    )


def adding_rights(controls: Mapping[str, AnyControl]) -> frozenset[str]:
    """The ids of the controls whose fixes give someone rights."""
    return frozenset(control.id for control in controls.values() if control.adds_rights)


def named_in_rules(config: Config) -> frozenset[str]:
    """The ids of Slack that rules on approvals name."""
    return frozenset(who for rule in config.approvals.rules for who in rule.who) - _CAPACITIES


def names(config: Config) -> Mapping[str, str]:
    """The person behind each name that is configured: `local:…`, `slack:…` and ARNs."""
    return {
        name: person.name
        for person in config.people
        for name in (
            *(f"local:{user}" for user in person.local),
            *(f"slack:{user}" for user in person.slack),
            *person.aws,
        )
    }


def identities(config: Config) -> Mapping[str, tuple[str, ...]]:
    """The ARNs of each configured person, by their name."""
    return {person.name: person.aws for person in config.people}


def owner_rules(config: Config) -> OwnerRules:
    """Where owners are looked up. Raises ConfigError for mistakes in the mapping file.

    A relative path of that file starts where the configuration file is.
    """
    settings = config.owners
    mapping: tuple[owner_mapping.MappedOwner, ...] = ()
    if settings.mapping_file is not None:
        base = config.path.parent if config.path else None
        path = settings.mapping_file
        mapping = owner_mapping.read(base / path if base else path)
    return OwnerRules(
        settings.sources,
        settings.tags,
        settings.teams,
        settings.accounts,
        settings.default,
        mapping,
    )


def readers(rules: OwnerRules) -> Callable[[Snapshot], Mapping[str, str]] | None:
    """Who may read the secrets of new access keys, or None where the mapping file names nobody."""
    named = any(entry.reader for entry in rules.mapping)
    return partial(key_readers, rules) if named else None


def creators(config: Config) -> Creators:
    """Who made things, as CloudTrail and the configured people tell."""
    return Creators(
        ((person.aws, person.slack) for person in config.people),
        frozenset(config.slack.email_domains),
    )


def asking_rules(config: Config) -> AskingRules:
    """How often and when people are asked."""
    settings = config.asking
    return AskingRules(
        few=settings.few,
        per_day=settings.per_day,
        deadline=timedelta(days=settings.deadline_days),
        remind_after=tuple(timedelta(days=days) for days in settings.remind_after_days),
        escalate_after=timedelta(days=settings.escalate_after_days),
        hours=WorkingHours.read(settings.working_hours, settings.working_days, settings.zone),
        security_hears={
            control.id: control.security_hears
            for control in registry.discover().values()
            if control.security_hears
        },
    )


def _rule(config: Config, index: int, controls: Collection[str]) -> Rule:
    rule: ApprovalRule = config.approvals.rules[index]
    unknown = sorted(set(rule.match.controls) - set(controls))
    if unknown:
        at = ("approvals", "rules", index, "match", "controls")
        raise ConfigError(
            f"{config.where(at)}: no control is called {', '.join(unknown)}",
            hint="`locksmith controls` lists them.",
        )
    return Rule(
        who=frozenset(rule.who),
        people=rule.people,
        within=None if rule.within_hours is None else timedelta(hours=rule.within_hours),
        controls=frozenset(rule.match.controls),
        severities=frozenset(rule.match.severities),
        accounts=frozenset(rule.match.accounts),
        risks=frozenset(rule.match.risks),
    )


def retention(config: Config) -> Retention:
    """How long things stay."""
    kept = config.database.retention

    def span(days: int | None) -> timedelta | None:
        return None if days is None else timedelta(days=days)

    return Retention(
        findings=span(kept.resolved_findings_days),
        executions=span(kept.executions_days),
        messages=span(kept.messages_days),
        observations=span(kept.observations_days),
        cool_off=timedelta(days=config.proposals.cool_off_days),
    )
