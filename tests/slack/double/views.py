"""views.*: modals and App Homes."""

from typing import Any

from tests.slack.double import limits
from tests.slack.double.methods import Asked, method
from tests.slack.double.modals import View
from tests.slack.double.rates import TIER_4
from tests.slack.double.refusals import Refused
from tests.slack.double.workspace import Workspace

DEEPEST = 3


def find_modal(workspace: Workspace, view_id: str) -> View:
    """The open modal with that id."""
    for stack in workspace.modals.values():
        for view in stack:
            if view.id == view_id:
                return view
    raise Refused("not_found")


def push_modal(workspace: Workspace, user: str, spec: dict[str, Any]) -> View:
    """Put a modal on top of those that `user` has open."""
    stack = workspace.modals.setdefault(user, [])
    if len(stack) >= DEEPEST:
        raise Refused("push_limit_reached")
    root, previous = (stack[0].id, stack[-1].id) if stack else (None, None)
    view = workspace.new_view(user, "modal", root, previous)
    workspace.show(view, spec)
    stack.append(view)
    return view


def _spec(asked: Asked, kind: str) -> dict[str, Any]:
    spec: dict[str, Any] = asked.args.json("view", "invalid_arguments")
    limits.check_view(spec, kind)
    external = spec.get("external_id")
    taken = [view for stack in asked.workspace.modals.values() for view in stack]
    if external and any(
        view.parts.get("external_id") == external and view.id != asked.args.maybe("view_id")
        for view in taken
    ):
        raise Refused("duplicate_external_id")
    return spec


@method("views.open", tier=TIER_4)
def open_view(asked: Asked) -> dict[str, Any]:
    """Open a modal for whoever earned the trigger; it takes the place of those still open."""
    spec = _spec(asked, "modal")
    trigger = asked.workspace.exchange(asked.args.text("trigger_id", "invalid_trigger_id"))
    asked.workspace.modals[trigger.user] = []
    return {"view": push_modal(asked.workspace, trigger.user, spec).as_slack()}


@method("views.push", tier=TIER_4)
def push(asked: Asked) -> dict[str, Any]:
    """Put a modal on top of the one in which the trigger was earned."""
    spec = _spec(asked, "modal")
    trigger = asked.workspace.exchange(asked.args.text("trigger_id", "invalid_trigger_id"))
    if trigger.view is None or not asked.workspace.modals.get(trigger.user):
        raise Refused("invalid_trigger_id")
    return {"view": push_modal(asked.workspace, trigger.user, spec).as_slack()}


def _same(asked: Asked, view: View) -> None:
    given = asked.args.maybe("hash")
    if given is not None and given != view.hash:
        raise Refused("hash_conflict")


@method("views.update", tier=TIER_4)
def update(asked: Asked) -> dict[str, Any]:
    """Change an open modal; with `hash`, only if it is still that one."""
    external = asked.args.maybe("external_id")
    if external is not None:
        by_external = {
            view.parts.get("external_id"): view.id
            for stack in asked.workspace.modals.values()
            for view in stack
        }
        view = find_modal(asked.workspace, by_external.get(external, ""))
    else:
        view = find_modal(asked.workspace, asked.args.text("view_id", "not_found"))
    spec = asked.args.json("view", "invalid_arguments")
    limits.check_view(spec, "modal")
    _same(asked, view)
    asked.workspace.show(view, spec)
    return {"view": view.as_slack()}


@method("views.publish", tier=TIER_4)
def publish(asked: Asked) -> dict[str, Any]:
    """Set a user's App Home."""
    if not asked.workspace.home_tab:
        raise Refused("not_enabled")
    user = asked.workspace.user(asked.args.text("user_id", "user_not_found"))
    spec = asked.args.json("view", "invalid_arguments")
    limits.check_view(spec, "home")
    home = asked.workspace.homes.get(user.id)
    if home is None:
        home = asked.workspace.new_view(user.id, "home", None, None)
    else:
        _same(asked, home)
    asked.workspace.show(home, spec)
    asked.workspace.homes[user.id] = home
    return {"view": home.as_slack()}
