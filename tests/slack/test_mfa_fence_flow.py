"""The fence until MFA by rules alone: put, left alone without a device, taken away with one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.aws.simulated.server import SimulatedAccount
from bot.engine.cards import GRACE
from bot.engine.grace_clock import COUNT
from bot.model import MFA_FENCE, ProposalRecord, ProposalState
from bot.store import dues, proposals
from tests.slack.desks import Office, office, wait_for
from tests.slack.double import SlackDouble

PUT, TAKEN = "console-user-without-mfa", "mfa-fence-no-longer-needed"
RULES = [
    {
        "name": "hold-to-mfa",
        "match": {"controls": [PUT]},
        "mode": "auto",
        "grace": "0d",
        "max_risk": "disruptive",
    },
    {"name": "enrolled", "match": {"controls": [TAKEN]}, "mode": "auto", "grace": "0d"},
]


@pytest.fixture
def at(
    carols_cloud: SimulatedAccount, slack_double: SlackDouble, sqlite_template: Path
) -> Iterator[Office]:
    """carol signs in with a password alone."""
    account = carols_cloud.account
    account.password("carol", last_used=account.ago(days=1))
    settings = {
        "remediation": {"rules": RULES, "mode": "off"},
        "limits": {"principal_pause_hours": 0, "canary": 9, "share_percent": 100},
    }
    with office(carols_cloud, slack_double, sqlite_template, **settings) as made:
        carols_cloud.calls.clear()
        yield made


def _proposed(at: Office, control: str) -> list[ProposalRecord]:
    with at.store.read() as tx:
        return [each for each in proposals.list_proposals(tx) if each.control == control]


def _ruled(at: Office, control: str) -> bool:
    """Whether the rule has carried it out, once all that it waits for falls due now."""
    with at.store.write() as tx:
        for due in dues.all_due(tx):
            if due.kind == GRACE:
                dues.set_due(tx, GRACE, due.subject, tx.now)
        dues.set_due(tx, COUNT, "own", tx.now)
    at.desk.ticker().tick()
    (only,) = _proposed(at, control)
    return only.state is ProposalState.DONE


def _fences(at: Office) -> list[str]:
    iam = at.cloud.client("iam")
    return list(iam.list_user_policies(UserName="carol")["PolicyNames"])


def test_the_fence_goes_by_itself_once_a_device_is_there(at: Office) -> None:
    """Owner and security are told of the device; nobody has to click."""
    at.scan()
    wait_for(lambda: _ruled(at, PUT), "the fence")
    assert _fences(at) == [MFA_FENCE]

    at.scan()
    assert not _proposed(at, TAKEN)
    assert at.writes() == ["PutUserPolicy"]

    serial = at.cloud.account.mfa("carol")
    at.scan()
    wait_for(lambda: _ruled(at, TAKEN), "that the fence went")
    assert _fences(at) == []
    assert at.writes() == ["PutUserPolicy", "DeleteUserPolicy"]
    assert (
        at.cloud.client("iam").list_mfa_devices(UserName="carol")["MFADevices"][0]["SerialNumber"]
        == serial
    )
    assert "has an MFA device now" in at.card(at.ann, "MFA device now").words()

    def security_heard() -> bool:
        said = [each.words() for each in at.slack.messages(at.channel.id)]
        return any("has an MFA device now" in each for each in said)

    wait_for(security_heard, "the card in the security channel")
