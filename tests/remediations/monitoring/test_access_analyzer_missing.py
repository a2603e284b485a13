"""A Region without an analyzer for external access gets one; other kinds don't count."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Analyzer, Manual, Part, Plan
from remediations.monitoring import access_analyzer_missing as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found, planned, seen

SETTINGS: dict[str, Any] = {"enabled": True}
PARTS = frozenset({Part.ANALYZERS})


def seed(account: AccountBuilder) -> None:
    """Ireland is looked at; in Virginia only what lies unused is."""
    account.analyzer("outsiders", region="eu-west-1")
    account.analyzer("unused", kind="ACCOUNT_UNUSED_ACCESS")


def one(kind: str = "ACCOUNT", status: str = "ACTIVE", name: str = "mine") -> Analyzer:
    return Analyzer(name, f"arn:aws:access-analyzer:x:123456789012:analyzer/{name}", kind, status)


def regions(**analyzers: list[Analyzer]) -> Any:
    """A snapshot with these analyzers, by Region with _ for -."""
    by_region = {name.replace("_", "-"): tuple(each) for name, each in analyzers.items()}
    return seen(parts={Part.ANALYZERS: by_region})


@pytest.mark.parametrize(
    ("analyzers", "expected"),
    [
        pytest.param([one()], False, id="the account's"),
        pytest.param([one("ORGANIZATION")], False, id="the organization's"),
        pytest.param([one(status="CREATING")], False, id="being made"),
        pytest.param([one("ACCOUNT_UNUSED_ACCESS"), one(name="b")], False, id="both"),
        pytest.param([], True, id="none"),
        pytest.param([one("ACCOUNT_UNUSED_ACCESS")], True, id="for unused access"),
        pytest.param([one("ORGANIZATION_INTERNAL_ACCESS")], True, id="for internal access"),
        pytest.param([one(status="DISABLED")], True, id="disabled"),
        pytest.param([one(status="FAILED")], True, id="failed"),
    ],
)
def test_which_regions_are_found(analyzers: list[Analyzer], expected: bool) -> None:
    assert bool(found(control, regions(us_east_1=analyzers))) is expected


def test_one_question_for_all_regions_that_lack_one() -> None:
    snapshot = regions(eu_west_1=[one()], us_west_2=[], eu_north_1=[])
    (finding,) = found(control, snapshot)
    assert finding.evidence["regions"] == ["eu-north-1", "us-west-2"]
    fix = planned(control, snapshot)
    assert isinstance(fix, Plan)
    assert [step.do.region for step in fix.steps] == ["eu-north-1", "us-west-2"]
    assert {step.do.params["type"] for step in fix.steps} == {"ACCOUNT"}
    assert "costs nothing" in fix.summary


def test_a_name_that_is_taken_is_for_people() -> None:
    fix = planned(control, regions(us_east_1=[one(status="FAILED", name="external-access")]))
    assert isinstance(fix, Manual)
    assert "external-access" in fix.reason


def test_somebody_else_s_analyzer_made_meanwhile_stops_it() -> None:
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account, more=PARTS))
        assert isinstance(fix, Plan)
        account.analyzer("quicker")
        assert Acting(account).broken(fix.steps[0].before) == ["somebody looks in us-east-1 by now"]


def test_only_enabled_regions_are_looked_at() -> None:
    with mock_account(NOW) as account:
        account.regions("eu-central-1")
        assert [*look(account, more=PARTS).analyzers] == ["eu-central-1"]
