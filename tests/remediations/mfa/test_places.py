"""Which sign-ins come from somewhere new, and what the fence then leaves open."""

from typing import Any

import pytest

from bot.model import CONSOLE_FENCE, MFA_FENCE, Part, Plan, SignIn, SignIns
from remediations.mfa import console_user_without_mfa as control
from tests.remediations.people import Person, ago, found, person, planned, seen

HOME, NEIGHBOUR, ABROAD = "192.0.2.7", "192.0.77.1", "203.0.113.5"
ANN = person(password=True, changed=ago(300), used=ago(1))


def signed_in(*places: tuple[float, str], since: float = 90, **more: Any) -> dict[Part, Any]:
    """Sign-ins of alice: so many days ago, from there."""
    mine = tuple(SignIn(ago(days), address) for days, address in places)
    return {Part.SIGN_INS: SignIns(ago(since), {ANN.user.id: mine}, **more)}


def fence_of(parts: dict[Part, Any], one: Person = ANN, **settings: Any) -> str:
    """The name of the fence that would be put."""
    fix = planned(control, seen(one, parts=parts), **settings)
    assert isinstance(fix, Plan)
    return str(fix.steps[0].do.params["PolicyName"])


@pytest.mark.parametrize(
    ("parts", "new"),
    [
        pytest.param({}, False, id="nobody looked"),
        pytest.param(signed_in(), False, id="no sign-in is known"),
        pytest.param(signed_in((30, HOME), (1, HOME)), False, id="the same place"),
        pytest.param(signed_in((30, HOME), (1, NEIGHBOUR)), False, id="the same network"),
        pytest.param(signed_in((30, HOME), (1, ABROAD)), True, id="another network"),
        pytest.param(
            signed_in((30, HOME), (2, ABROAD), (1, HOME)), True, id="and home again after that"
        ),
        pytest.param(
            signed_in((30, HOME), (3, ABROAD), (1, ABROAD)), True, id="twice is not known yet"
        ),
        pytest.param(signed_in((30, HOME), (14, ABROAD)), True, id="new at the limit"),
        pytest.param(signed_in((30, HOME), (15, ABROAD)), False, id="known by now"),
        pytest.param(
            signed_in((30, HOME), (15, ABROAD), (1, ABROAD)), False, id="known and used again"
        ),
        pytest.param(signed_in((1, ABROAD)), True, id="the first one after months of silence"),
        pytest.param(
            signed_in((1, ABROAD), since=40), False, id="how long it was silent isn't known"
        ),
        pytest.param(
            signed_in((30, HOME), (1, "2001:db8:1::1")), True, id="IPv6, where it was IPv4"
        ),
        pytest.param(
            signed_in((30, "2001:db8:1::1"), (1, "2001:db8:9::1")), False, id="IPv6, same provider"
        ),
        pytest.param(
            signed_in((30, HOME), (1, "AWS Internal")), False, id="a service of AWS, no address"
        ),
    ],
)
def test_what_is_somewhere_new(parts: dict[Part, Any], new: bool) -> None:
    """Whoever comes from there may be a thief, who must not enrol a device of their own."""
    assert fence_of(parts) == (CONSOLE_FENCE if new else MFA_FENCE)
    (finding,) = found(control, seen(ANN, parts=parts))
    assert ("new_network" in finding.evidence) is new


def test_where_a_new_user_begins_is_no_new_place() -> None:
    """The first sign-in of a new user, or after a new password, has nothing before it."""
    parts = signed_in((1, ABROAD))
    assert fence_of(parts, person(password=True, created=ago(3), used=ago(1))) == MFA_FENCE
    assert fence_of(parts, person(password=True, changed=ago(3), used=ago(1))) == MFA_FENCE


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        pytest.param({"new_place_days": 5}, CONSOLE_FENCE, id="still new"),
        pytest.param({"new_place_days": 4}, MFA_FENCE, id="another limit"),
        pytest.param({"new_place_days": None}, MFA_FENCE, id="places don't count"),
        pytest.param({"known_networks": ("203.0.113.0/24",)}, MFA_FENCE, id="our own VPN"),
        pytest.param({"known_networks": ("198.51.100.0/24",)}, CONSOLE_FENCE, id="another VPN"),
    ],
)
def test_the_settings(settings: dict[str, Any], name: str) -> None:
    """How long, and what is known beforehand."""
    assert fence_of(signed_in((30, HOME), (5, ABROAD)), **settings) == name


@pytest.mark.parametrize("wrong", ["here", "203.0.113.5/24", "203.0.113.0/33", ""])
def test_a_network_must_be_one(wrong: str) -> None:
    """Else it would silently mean nothing."""
    with pytest.raises(ValueError, match="known_networks"):
        control.CONTROL.settings(known_networks=(wrong,))


def test_what_was_not_seen_is_said() -> None:
    """A Region that the organization forbids, for instance."""
    parts = signed_in((30, HOME), unread=("eu-north-1",))
    (finding,) = found(control, seen(ANN, parts=parts))
    assert finding.evidence["sign_ins_not_seen_in"] == ["eu-north-1"]


def test_the_reason_is_on_the_card() -> None:
    """Where and when, and that nothing is left open."""
    parts = signed_in((30, HOME), (2, ABROAD), (1, ABROAD))
    (finding,) = found(control, seen(ANN, parts=parts))
    assert finding.evidence["signed_in_from"] == ABROAD
    assert finding.evidence["new_network"] == "203.0.0.0/16"
    assert finding.evidence["first_signed_in_from_there"] == f"{ago(2):%Y-%m-%dT%H:%M:%SZ}"
    fix = planned(control, seen(ANN, parts=parts))
    assert "network that is new to it" in fix.summary
