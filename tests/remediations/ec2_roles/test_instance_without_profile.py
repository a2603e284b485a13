"""An instance gets the profile of the settings, or a new one whose role may do nothing."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import KeyUse, Manual, Plan, Severity
from remediations.ec2_roles import instance_without_profile as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.ec2_roles.running import PROFILE, instance, one_region, role, running
from tests.remediations.looking import look
from tests.remediations.people import ago, found, planned
from tests.remediations.renaming import ANYTHING

SETTINGS: dict[str, Any] = {"enabled": True}
PARTS = control.CONTROL.needs | control.CONTROL.plan_needs


def seed(account: AccountBuilder) -> None:
    """One instance has a profile, another one hasn't."""
    one_region(account)
    account.role("orders")
    account.instance_profile("orders", "orders")
    account.instance("orders-api", profile="orders")
    account.instance(ANYTHING)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, True, id="running"),
        pytest.param({"state": "stopped"}, True, id="stopped"),
        pytest.param({"profile": PROFILE}, False, id="has one"),
        pytest.param({"name": "bastion-1"}, False, id="left out by name"),
    ],
)
def test_which_instances_are_found(facts: dict[str, Any], expected: bool) -> None:
    snapshot = running(instance(**facts))
    assert bool(found(control, snapshot, left_out=("bastion-*",))) is expected


def test_it_is_worse_where_keys_are_used_from_it() -> None:
    used = KeyUse("AKIA1", "AIDA1", "i-0001", "us-east-1", ago(1))
    quiet, busy = instance("i-0002"), instance("i-0001")
    findings = found(control, running(quiet, busy, **{"key-uses": (used,)}))
    by_id = {each.resource.unique_id: each for each in findings}
    assert by_id["i-0001"].severity is Severity.HIGH
    assert by_id["i-0001"].evidence["keys_used"] == ["AKIA1"]
    assert by_id["i-0002"].severity is Severity.LOW


def test_the_profile_of_the_settings_is_given() -> None:
    fix = planned(control, running(instance(), roles=(role(),)), profile="app")
    assert isinstance(fix, Plan)
    (step,) = fix.steps
    assert step.do.params["IamInstanceProfile"] == {"Arn": PROFILE}
    assert not fix.breaks


def test_whoever_gives_programs_rights_needs_a_second_person() -> None:
    assert control.CONTROL.adds_rights


def test_a_new_role_may_do_nothing_and_is_used_again() -> None:
    first = planned(control, running(instance()))
    assert isinstance(first, Plan)
    names = [step.name for step in first.steps]
    assert names == ["make-role", "make-profile", "join", "associate"]
    assert first.whole
    made = role("instance-without-rights", profile="instance-without-rights")
    second = planned(control, running(instance(), roles=(made,)))
    assert isinstance(second, Plan)
    assert [step.name for step in second.steps] == ["associate"]


def test_an_auto_scaling_group_would_undo_it() -> None:
    member = instance(tags={"aws:autoscaling:groupName": "web-fleet"})
    fix = planned(control, running(member, roles=(role(),)), profile="app")
    assert isinstance(fix, Plan)
    assert "web-fleet" in fix.breaks[0]
    assert "launch template" in fix.breaks[0]


@pytest.mark.parametrize(
    ("roles", "settings"),
    [
        pytest.param((), {"profile": "gone"}, id="no such profile"),
        pytest.param((role("Instance-Without-Rights", profile=""),), {}, id="the name is taken"),
    ],
)
def test_what_people_must_choose(roles: Any, settings: dict[str, Any]) -> None:
    fix = planned(control, running(instance(), roles=roles), **settings)
    assert isinstance(fix, Manual)
    assert "controls.instance-without-profile.profile" in fix.steps[0]


@pytest.mark.parametrize("name", ["a b", "<!channel>", "x" * 129, "a/b"])
def test_what_is_no_profile_is_no_setting(name: str) -> None:
    with pytest.raises(ValueError, match="profile"):
        control.InstanceWithoutProfileSettings(profile=name)


def test_one_that_got_a_profile_meanwhile_is_left_alone() -> None:
    with mock_account(NOW) as account:
        one_region(account)
        account.role("orders")
        account.instance_profile("orders", "orders")
        id_ = account.instance("web")
        fix = planned(control, look(account, more=PARTS), profile="orders")
        assert isinstance(fix, Plan)
        assert Acting(account).broken(fix.steps[-1].before) == []
        given = {"Name": "orders"}
        ec2 = account.client("ec2")
        ec2.associate_iam_instance_profile(InstanceId=id_, IamInstanceProfile=given)
        assert Acting(account).broken(fix.steps[-1].before) == [f"{id_} has one by now"]
