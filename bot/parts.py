"""What serving is made of: the application builds it, the desk puts it to work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.engine.anchoring import Anchoring
from bot.engine.approvals import Approvals
from bot.engine.asking import Asker
from bot.engine.entering import Accounts
from bot.engine.looking_after import WatchRules
from bot.engine.room import Limits
from bot.engine.service import Service
from bot.engine.tidying import Tidying
from bot.engine.timetable import Timetable
from bot.model import Directory
from bot.slack.clients import Clients
from bot.slack.listening import Ours
from bot.slack.pacing import Pace
from bot.store.database import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """What serving is made of; `accounts` are those that are looked at and worked on."""

    store: Store
    service: Service
    approvals: Approvals
    asker: Asker
    directory: Directory
    clients: Clients
    ours: Ours
    clock: Callable[[], datetime]
    accounts: Accounts
    database: str
    longest_exemption: timedelta = timedelta(days=365)
    people: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)  # of each enabled control
    pace: Pace = field(default_factory=Pace)
    anchoring: Anchoring | None = None
    anchor_every: timedelta | None = None
    limits: Limits = field(default_factory=Limits)
    timetable: Timetable = field(default_factory=Timetable)
    watch: WatchRules = field(default_factory=WatchRules)
    tidying: Tidying | None = None
