"""A control: one best practice made checkable and fixable, as the value its file exports."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from bot.model.finding import Finding, Severity
from bot.model.plan import Manual, Plan, Risk
from bot.model.snapshot import Part, Snapshot


class Settings(BaseModel):
    """A control's thresholds; each field has a default and a description with its source."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    enabled: bool = True

    def needs(self) -> frozenset[Part]:
        """The parts that `plan` looks at only because of these settings."""
        return frozenset()


SettingsT = TypeVar("SettingsT", bound=Settings)


@dataclass(frozen=True, slots=True)
class Standards:
    """Where a control stands in the catalogues; empty where one has no such item.

    `cis` maps the benchmark's version ("3.0", "5.0", "7.0") to its numbers.
    """

    cis: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fsbp: tuple[str, ...] = ()
    nist: tuple[str, ...] = ()
    pci: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Control(Generic[SettingsT]):
    """One control. `id` names the bad state in kebab-case, `topic` is its folder.

    `risk` is the highest that its plans may have; above it are only those for a user whom AWS put
    under quarantine, whose keys Locksmith never switches on again. `needs` are the parts that
    `detect` looks at, `plan_needs` those that only `plan` does. `supersedes` names controls that
    yield to this one where both have a finding on one subject. `security_hears` is why the security
    channel is asked beside each owner, from the start; empty where it isn't. `asks_security` where
    nobody else is asked: the owner may be who got in. `idle_setting` names the setting that says
    for how many days something must have lain unused, where fixes take away what lies unused.
    `adds_rights` says that its plans give someone rights that they haven't: two people approve
    those, and no rule carries them out.
    `approval_only` where a fix may break what nobody foresees: no rule carries it out either.
    A `whole_user` control's findings are about everything a user has: the controls it supersedes
    yield to it about all of that. `detect` and `plan` are pure.
    """

    id: str
    title: str
    topic: str
    severity: Severity
    risk: Risk | None
    needs: frozenset[Part]
    settings: type[SettingsT]
    detect: Callable[[Snapshot, SettingsT], Iterable[Finding]]
    plan: Callable[[Finding, Snapshot, SettingsT], Plan | Manual]
    standards: Standards = field(default_factory=Standards)
    plan_needs: frozenset[Part] = frozenset()
    supersedes: frozenset[str] = frozenset()
    security_hears: str = ""
    asks_security: bool = False
    idle_setting: str = ""
    whole_user: bool = False
    adds_rights: bool = False
    approval_only: bool = False


AnyControl = Control[Any]
