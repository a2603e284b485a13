"""The simulated accounts have something for every control on people and their credentials."""

import importlib
from typing import Any

import pytest

from bot import registry
from bot.aws.simulated import fill, mock_account
from bot.aws.simulated.seed_founder import AWAY, BACK, GONE, TRIED, fill_founder
from bot.model import CONSOLE_FENCE, AnyControl, Finding, Snapshot
from remediations._fence_documents import INACTIVE_FENCE
from tests.aws.simulated.conftest import NOW
from tests.remediations.contract import PEOPLE
from tests.remediations.looking import look

#: What the company of `seed.py` can't have beside its other stories.
FOUNDERS = (
    "fenced-console-password",
    "fenced-inactive-user",
    "root-custody-unattested",
    "root-is-the-only-administrator",
    "root-with-virtual-mfa-only",
)


@pytest.fixture(scope="module")
def company() -> Snapshot:
    with mock_account(NOW) as account:
        fill(account, users=40, seed=42)
        return look(account)


@pytest.fixture(scope="module")
def founders() -> Snapshot:
    """Locksmith put the fences four months ago; nobody gave their word on root."""
    with mock_account(NOW) as account:
        fill_founder(account)
        put = account.ago(days=120)
        fenced = {GONE: INACTIVE_FENCE, TRIED: INACTIVE_FENCE, AWAY: CONSOLE_FENCE}
        noted = dict.fromkeys({**fenced, BACK: CONSOLE_FENCE}.items(), put)
        vars(account).update(fences=noted, confirmed=())
        return look(account)


def findings(control: AnyControl, snapshot: Snapshot) -> list[Finding]:
    """With the settings of its own tests where it finds nothing unless asked to."""
    name = f"tests.remediations.{control.topic}.test_{control.id.replace('-', '_')}"
    settings: dict[str, Any] = getattr(importlib.import_module(name), "SETTINGS", {})
    return list(control.detect(snapshot, control.settings(**settings)))


@pytest.mark.parametrize(
    "control",
    [each for each in registry.discover().values() if each.topic in PEOPLE],
    ids=lambda each: each.id,
)
def test_each_control_has_a_violation(
    company: Snapshot, founders: Snapshot, control: AnyControl
) -> None:
    assert findings(control, founders if control.id in FOUNDERS else company)


def test_beside_each_of_the_founders_is_a_near_miss(founders: Snapshot) -> None:
    """Who was there since the fence stays, and all but IAM is no administration."""
    found = {
        name: [each.resource.name for each in findings(registry.discover()[name], founders)]
        for name in ("fenced-console-password", "fenced-inactive-user")
    }
    assert found == {"fenced-console-password": [AWAY], "fenced-inactive-user": [GONE]}
    assert "kim.sato" in founders.users_by_name
