"""Slack as one process sees it: built from the settings, and asked only once it is needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from bot import rulebook
from bot.config import Config
from bot.engine.approvals import Approvals
from bot.engine.asking import Asker
from bot.engine.codes import Codes
from bot.engine.core import Confirming
from bot.engine.owner_claims import OwnerRules
from bot.engine.owners import Owners
from bot.engine.ports import Recheck
from bot.engine.rechecking import recheck
from bot.engine.service import Service
from bot.engine.standing import Standings
from bot.model import Greeting
from bot.slack.allowance import Allowance
from bot.slack.clients import Clients, make_clients
from bot.slack.directory import SlackDirectory
from bot.slack.listening import Ours
from bot.slack.noting import SlackTarget
from bot.slack.preflight import check, greet
from bot.store.database import Store


@dataclass
class Chat:
    """The workspace, and who in it may do what. `service` is the one that decides in the end."""

    config: Config
    owner_rules: OwnerRules
    approvals: Approvals
    service: Callable[[], Service]
    codes: Callable[[], Codes]
    clock: Callable[[], datetime]

    @cached_property
    def clients(self) -> Clients:
        """The clients of Slack's Web API. Raises ConfigError without a token."""
        return make_clients(self.config.slack)

    @cached_property
    def greeting(self) -> Greeting:
        """Who Slack says we are. Raises SlackError."""
        return greet(self.clients)

    def check(self) -> Greeting:
        """Who Slack says we are, once all is there that serving needs; Slack is asked it once.

        Raises LocksmithError.
        """
        self.greeting = check(self.config.slack, self.clients)
        return self.greeting

    @cached_property
    def directory(self) -> SlackDirectory:
        """Who is who, for people who wait for it."""
        return self._directory(may_wait=False)

    @cached_property
    def patient_directory(self) -> SlackDirectory:
        """Who is who, for looking up all of an account's owners; answers are believed for an hour.

        Whom it takes for an owner is looked up again before they decide anything.
        """
        return self._directory(may_wait=True, ttl=timedelta(hours=1))

    @cached_property
    def _allowance(self) -> Allowance:
        return Allowance()

    def _directory(self, **settings: Any) -> SlackDirectory:
        further = frozenset(self.config.slack.workspaces)
        return SlackDirectory(
            self.clients.background,
            lambda: further | {self.greeting.team_id},
            clock=self.clock,
            emulated=self.clients.emulated,
            allowance=self._allowance,
            **settings,
        )

    def anchors_in(self, store: Store, channel: str) -> SlackTarget:
        """The channel as a place for anchors of the audit log."""
        return SlackTarget(store, channel, lambda: self.clients.background, lambda: self.greeting)

    @cached_property
    def owners(self) -> Owners:
        """Who owns what, and can be asked."""
        return self._owners(self.directory)

    def _owners(self, directory: SlackDirectory) -> Owners:
        settings = self.config.slack
        return Owners(
            directory,
            self.owner_rules,
            settings.security_channel,
            frozenset(settings.email_domains),
        )

    @cached_property
    def standings(self) -> Standings:
        """What holds of people towards a question."""
        settings = self.config.approvals
        return Standings(
            self.directory,
            self.owners,
            self.config.slack.security,
            tag_holds=lambda proposal, claim: self.service().tag_holds(proposal, claim),
            trusted_word=lambda proposal: self.service().trusted_word(proposal),
            arn_of=lambda proposal: self.service().identity(proposal),
            person=self.approvals.people.person,
            subjects=rulebook.identities(self.config),
            named=rulebook.named_in_rules(self.config),
            trusted_sources=frozenset(settings.trusted_sources),
            strict=settings.strict,
        )

    @property
    def confirming(self) -> Confirming:
        """What makes sure of who decides in Slack."""
        settings = self.config.approvals
        return Confirming(
            self.standings,
            self.codes() if settings.second_factor == "totp" else None,
            settings.second_person_exempts,
            self.longest_exemption,
        )

    @property
    def longest_exemption(self) -> timedelta:
        """The longest that an exemption may last."""
        return timedelta(days=self.config.asking.longest_exemption_days)

    def recheck(self, say: Callable[[str], None]) -> Recheck:
        """What looks again, before a write, at those who approved."""
        return recheck(self.standings, self.approvals, say)

    def asker(self, store: Store) -> Asker:
        """What asks owners."""
        return Asker(
            store,
            self._owners(self.patient_directory),
            self.patient_directory,
            rulebook.asking_rules(self.config),
            self.config.slack.security_channel,
            lambda proposal, claim: self.service().owner_approves(proposal, claim),
            self.approvals.remediation,
            self.owners,
        )

    @property
    def ours(self) -> Ours:
        """Who we are, for the listeners. Raises SlackError."""
        told = self.greeting
        token = self.config.slack.bot_token or ""
        return Ours(told.team_id, told.bot_id, told.bot_user_id, token)

    @property
    def people(self) -> Mapping[str, str]:
        """Names of actors outside Slack, as messages show them."""
        names = rulebook.names(self.config)
        return {actor: name for actor, name in names.items() if not actor.startswith("slack:")}
