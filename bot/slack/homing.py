"""App Home: what waits for whoever opens it, made anew each time that they look or act there."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from slack_sdk import WebClient

from bot.engine.asking import Asker
from bot.engine.overview import Overview, Queue
from bot.engine.service import Service
from bot.errors import LocksmithError
from bot.model import Actor, DirectoryError
from bot.slack.blocks.elements import Payload
from bot.slack.blocks.escape import Markup
from bot.slack.blocks.home import (
    EVERYONE,
    LATER,
    MINE,
    Home,
    SecurityHome,
    Waiting,
    home_view,
    stranger_view,
)
from bot.slack.calling import call
from bot.slack.clicks import actor_of, is_in_home, opener_of
from bot.slack.posture import last_scans, since_last_week
from bot.slack.rendering import Renderer

Body = Mapping[str, Any]
Handler = Callable[[Body], object]
Answering = Callable[[Body], Markup]

_log = logging.getLogger(__name__)
_SOON = timedelta(days=14)
_CHANNELS = ("C", "G")


@dataclass(frozen=True, slots=True)
class Homing:
    """Publishes Homes, each for who its reader is now. `later` does something in a thread."""

    service: Service
    asker: Asker
    overview: Overview
    renderer: Renderer
    client: WebClient
    later: Callable[[Callable[[], object]], object]

    def handlers(self) -> Mapping[str, Handler]:
        """What the event of an opened Home does."""
        return {"app_home_opened": self.opened}

    def opened(self, body: Body) -> None:
        """Someone looks at Home; the tab of messages is none of ours."""
        if (body.get("event") or {}).get("tab") == "home":
            self.publish(opener_of(body))

    def after_buttons(self, handlers: Mapping[str, Handler]) -> Mapping[str, Handler]:
        """The same handlers; Home is made anew after a button of it, also where that failed."""
        return {name: self._following(do) for name, do in handlers.items()}

    def after_modals(self, handlers: Mapping[str, Answering]) -> Mapping[str, Answering]:
        """The same handlers; Home is made anew after a modal that was opened from there."""
        return {name: self._following(do) for name, do in handlers.items()}

    def publish(self, opener: Actor) -> None:
        """Show someone their Home as it is now. Raises SlackError."""
        actor = self._as_slack_knows(opener)
        call(self.client.views_publish, user_id=_user(actor), view=self.view(actor))

    def view(self, actor: Actor) -> Payload:
        """What someone's Home shows now; for people who are nobody here a kind word."""
        why = self.service.why_stranger(actor)
        if why is not None:
            return stranger_view(why)
        is_security = self.service.is_security(actor)
        readers = self._readers(actor, is_security=is_security)
        queue = self.overview.queue_of(*readers)
        later = queue.waiting[:LATER]
        page = Home(
            self.renderer.clock(),
            mine=[self.renderer.question_to(each, readers) for each in queue.asked[:MINE]],
            mine_more=len(queue.asked[MINE:]),
            capped=len(queue.waiting),
            later=[self.renderer.question_to(each, readers) for each in later],
            decided=self.overview.decided_by(actor),
            ending=self.overview.exemptions_ending(_SOON, actor),
            freeze=self.overview.freeze(),
            security=self._security() if is_security else None,
            people=self.renderer.people,
        )
        return home_view(page)

    def queue_of(self, actor: Actor) -> Queue:
        """What waits for someone, and for the channels that they speak for."""
        security = self.service.is_security(actor)
        return self.overview.queue_of(*self._readers(actor, is_security=security))

    def _readers(self, actor: Actor, *, is_security: bool) -> frozenset[str]:
        """Someone's id, and those of the channels that were asked and that they speak for.

        A card in a channel where others read along has no buttons, so that Home is the place to
        answer it.
        """
        asked = {reader for each in self.overview.everyone() for reader in each.readers}
        channels = {each for each in asked if each.startswith(_CHANNELS)}
        theirs = {each for each in channels if self._speaks_for(actor, each, is_security)}
        return frozenset({_user(actor), *theirs})

    def _speaks_for(self, actor: Actor, channel: str, is_security: bool) -> bool:
        """Whether someone is shown what a channel is asked; who may answer is judged at a click."""
        if channel == self.asker.security_channel:
            return is_security
        try:
            member = self.renderer.directory.member(_user(actor))
            return member is not None and self.asker.quick.names(channel, member)
        except DirectoryError:
            return False

    def _security(self) -> SecurityHome:
        waits = self.overview.everyone()
        return SecurityHome(
            topics=since_last_week(self.overview.posture()),
            since="last week",
            everyone=[
                Waiting(self.renderer.question_to(each.proposal_id, each.readers), each.readers)
                for each in waits[:EVERYONE]
            ],
            everyone_more=len(waits[EVERYONE:]),
            scans=last_scans(self.service.watched()),
            undelivered=self.overview.undelivered(),
        )

    def _as_slack_knows(self, opener: Actor) -> Actor:
        """The same person by the workspace that they belong to, as buttons name them.

        The event names the workspace in which Home was opened.
        """
        try:
            member = self.renderer.directory.member(_user(opener))
        except DirectoryError:
            return opener
        return opener if member is None else Actor("slack", f"{member.team}/{member.id}")

    def _following(self, do: Callable[[Body], Any]) -> Callable[[Body], Any]:
        def handle(body: Body) -> Any:
            try:
                return do(body)
            finally:
                # While the process ends nothing can be started: opening Home makes it anew too.
                with suppress(RuntimeError):
                    if is_in_home(body):
                        self.later(lambda: self._anew(actor_of(body)))

        return handle

    def _anew(self, actor: Actor) -> None:
        """Make a Home true again; that it can't be now harms nothing, opening it does so too."""
        try:
            self.publish(actor)
        except LocksmithError as error:
            _log.warning("A Home was not made anew: %s", error)
        except Exception as error:  # noqa: BLE001 - its text may hold what people wrote
            _log.error("A Home was not made anew: %s", type(error).__name__)


def _user(actor: Actor) -> str:
    return actor.name.rpartition("/")[2]
