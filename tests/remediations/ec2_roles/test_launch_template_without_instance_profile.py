"""A template's new default version is the old one with an instance profile."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import LaunchTemplate, Manual, Part, Plan
from remediations.ec2_roles import launch_template_without_instance_profile as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.ec2_roles.running import HERE, one_region, role
from tests.remediations.looking import look
from tests.remediations.people import found, planned, seen

SETTINGS: dict[str, Any] = {"enabled": True}
PARTS = control.CONTROL.needs | control.CONTROL.plan_needs


def seed(account: AccountBuilder) -> None:
    """One template names a profile, another one doesn't."""
    one_region(account)
    account.role("orders")
    account.instance_profile("orders", "orders")
    account.launch_template("orders-fleet", profile="orders")
    account.launch_template("web-fleet")


def templates(roles: Any = (), **facts: Any) -> Any:
    """A snapshot with one template."""
    given = {"id": "lt-1", "name": "web-fleet", "region": HERE, "default": 2, "latest": 5}
    one = LaunchTemplate(**{**given, **facts})
    return seen(parts={Part.LAUNCH_TEMPLATES: {HERE: (one,)}, Part.ROLES: roles})


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, True, id="none"),
        pytest.param({"profile": "app"}, False, id="has one"),
        pytest.param({"name": "bastion-fleet"}, False, id="left out"),
    ],
)
def test_which_templates_are_found(facts: dict[str, Any], expected: bool) -> None:
    assert bool(found(control, templates(**facts), left_out=("bastion*",))) is expected


def test_the_new_version_comes_from_the_default_and_not_from_the_latest() -> None:
    fix = planned(control, templates((role(),)), profile="app")
    assert isinstance(fix, Plan)
    version, default = fix.steps
    assert version.do.params["SourceVersion"] == "2"
    assert default.undo is not None
    assert default.undo.params["DefaultVersion"] == "2"
    assert "Auto Scaling" in fix.breaks[0]


def test_whoever_gives_programs_rights_needs_a_second_person() -> None:
    assert control.CONTROL.adds_rights


def test_a_profile_that_is_not_there_is_for_people() -> None:
    assert isinstance(planned(control, templates(), profile="gone"), Manual)


def test_everything_else_of_the_template_stays() -> None:
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account, more=PARTS), profile="orders")
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        acting.apply()
        ec2 = account.client("ec2")
        (told,) = ec2.describe_launch_template_versions(
            LaunchTemplateName="web-fleet", Versions=["$Default"]
        )["LaunchTemplateVersions"]
        assert told["VersionNumber"] == 2
        assert told["LaunchTemplateData"]["ImageId"] == "ami-12c6146b"
        acting.undo()
        (again,) = ec2.describe_launch_template_versions(LaunchTemplateName="web-fleet")[
            "LaunchTemplateVersions"
        ]
        assert again["VersionNumber"] == 1


def test_a_version_made_meanwhile_stops_it() -> None:
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account, more=PARTS), profile="orders")
        assert isinstance(fix, Plan)
        id_ = str(fix.steps[0].do.params["LaunchTemplateId"])
        ec2 = account.client("ec2")
        ec2.create_launch_template_version(
            LaunchTemplateId=id_, SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.nano"}
        )
        (why,) = Acting(account).broken(fix.steps[0].before)
        assert "new version in the meantime" in why
