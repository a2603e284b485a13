"""People and programs of the simulated company beyond its cast, as chance makes them."""

import random
from collections.abc import Sequence
from datetime import datetime

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.builder_people import MfaKind
from bot.aws.simulated.company import (
    DOMAIN,
    FIRST_NAMES,
    LAST_NAMES,
    PROGRAMS,
    REGIONS,
    SERVICES,
    narrow,
)

_MFA_KINDS: tuple[MfaKind, ...] = ("virtual", "virtual", "fido", "hardware")
_PERSON, _CONTRACTOR = 0.70, 0.10  # the rest are programs


def past(account: AccountBuilder, chance: random.Random, least: float, most: float) -> datetime:
    """A moment between so many days ago and so many; the least where that is more."""
    return account.ago(days=chance.uniform(least, max(least, most)))


class Staff:
    """Makes users one by one, each in one of `groups`; a few have one of `policies` themselves."""

    def __init__(
        self,
        account: AccountBuilder,
        chance: random.Random,
        groups: Sequence[str],
        policies: Sequence[str],
    ) -> None:
        self._account = account
        self._chance = chance
        self._groups = groups
        self._policies = policies

    def somebody(self, number: int) -> None:
        """A person, a contractor or a program; `number` picks the name and the group."""
        kind = self._chance.random()
        if kind < _PERSON:
            self._person(number, "/")
        elif kind < _PERSON + _CONTRACTOR:
            self._person(number, "/contractors/")
        else:
            self._program(number)

    def _person(self, number: int, path: str) -> None:
        account, chance = self._account, self._chance
        first = FIRST_NAMES[(number * 31 + chance.randrange(7)) % len(FIRST_NAMES)]
        last = LAST_NAMES[(number * 17 + chance.randrange(5)) % len(LAST_NAMES)]
        name = f"{first}.{last}"
        if path == "/contractors/":
            name = f"contractor-{name}"
        if name in account.iam.users:
            name = f"{name}{number}"
        age = chance.randrange(40, 1500)
        created = account.ago(days=age)
        group = self._group_of(number)
        account.user(name, path=path, tags=self._tags(group, name), created=created, groups=[group])
        if chance.random() < 0.85:
            self._person_password(name, age)
        if chance.random() < 0.30:
            self._some_key(name, age)
        if chance.random() < 0.05:
            account.attach(chance.sample(self._policies, 1)[0], user=name)

    def _person_password(self, name: str, age: int) -> None:
        account, chance = self._account, self._chance
        fate = chance.random()
        last_used = None  # a tenth never signed in
        if fate < 0.75:
            last_used = past(account, chance, 0, min(30, age))
        elif fate < 0.90:
            last_used = past(account, chance, min(46, age - 1), min(600, age))
        changed = account.ago(days=chance.randrange(age))
        account.password(name, changed=changed, last_used=last_used)
        if chance.random() < 0.85:
            kind = chance.choice(_MFA_KINDS)
            account.mfa(name, kind=kind, enabled=changed)

    def _program(self, number: int) -> None:
        account, chance = self._account, self._chance
        name = f"svc-{PROGRAMS[number % len(PROGRAMS)]}"
        if name in account.iam.users:
            name = f"{name}-{number:04d}"
        age = chance.randrange(100, 1600)
        group = self._group_of(number)
        account.user(
            name,
            tags=self._tags(group, f"{group}-team"),
            created=account.ago(days=age),
            groups=[group],
        )
        self._some_key(name, age)
        if chance.random() < 0.15:
            self._some_key(name, age)
        if chance.random() < 0.15:
            service = chance.choice(SERVICES)
            account.inline(f"{service}-access", narrow(service, name), user=name)

    def _some_key(self, user: str, age: int) -> None:
        """A key of any age and fate: in use, idle, never used, switched off."""
        account, chance = self._account, self._chance
        key_age = chance.randrange(1, age)
        created = account.ago(days=key_age)
        fate = chance.random()
        service, region = chance.choice(SERVICES), chance.choice(REGIONS)
        if fate < 0.10:
            account.key(user, created=created)
            return
        idle = chance.uniform(0, min(20, key_age)) if fate < 0.70 else chance.uniform(0, key_age)
        account.key(
            user,
            created=created,
            last_used=account.ago(days=idle),
            status="Inactive" if fate > 0.92 else "Active",
            service=service,
            region=region,
        )

    def _group_of(self, number: int) -> str:
        return self._groups[number % len(self._groups)]

    def _tags(self, team: str, owner: str) -> dict[str, str]:
        """Team and owner; one in eight has no owner, one in twenty no tags at all."""
        draw = self._chance.random()
        if draw < 0.05:
            return {}
        if draw < 0.17:
            return {"team": team}
        return {"team": team, "owner": f"{owner}@{DOMAIN}"}
