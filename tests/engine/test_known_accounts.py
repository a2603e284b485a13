"""Whose accounts are known reaches the controls, in scans of AWS and of files alike."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.aws.offline import read_offline
from bot.aws.simulated import AccountBuilder, mock_account
from bot.config import Config
from bot.engine.scanning import ScanSettings
from bot.main import Application
from bot.model import FindingStatus, KnownAccounts, Protection
from bot.registry import discover
from bot.rulebook import known_accounts
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import ALICE, house, quiet
from tests.remediations.delegation.trusts import trust, trusting, when

CONTROL = "trust-to-unknown-account"
VENDOR, SCANNED, MEMBER = "999988887777", "111122223333", "210987654321"
SISTER = "345678901234"


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    """One role for a vendor, one for an account that is scanned too, one for a member."""
    with mock_account(now=NOON) as made:
        made.organization()
        made.member_account(MEMBER, "sister")
        for each in (VENDOR, SCANNED, MEMBER):
            there = trusting(
                {"AWS": f"arn:aws:iam::{each}:root"}, Condition=when("sts:ExternalId", "x")
            )
            made.role(f"for-{each}", trust=trust(there))
        yield made


def settings(**more: object) -> ScanSettings:
    """What a configuration with another account to scan says."""
    given = {"accounts": [{"id": SCANNED}], **more}
    return ScanSettings(known_accounts=known_accounts(Config.model_validate(given)))


def test_the_configuration_says_who_is_known() -> None:
    """An account to scan is one's own without being named twice."""
    given = {
        "accounts": [{"id": SCANNED}],
        "known_accounts": {"own": ["444455556666"], "vendors": {VENDOR: "Acme"}},
    }
    assert known_accounts(Config.model_validate(given)) == KnownAccounts(
        frozenset({SCANNED, "444455556666"}), "", {VENDOR: "Acme"}
    )


def test_scans_know_whom_the_configuration_and_aws_know(
    account: AccountBuilder, sqlite_store: Store, clock: StandingClock
) -> None:
    """The vendor is a stranger until it is named; the others never are."""

    def found(chosen: ScanSettings) -> list[str]:
        with house(account, sqlite_store, clock, only=(CONTROL,), settings=chosen) as home:
            return sorted(
                each.record.finding.resource.name
                for each in home.scan().findings
                if each.record.status is FindingStatus.OPEN
            )

    assert found(ScanSettings()) == [f"for-{SCANNED}", f"for-{VENDOR}"]
    assert found(settings()) == [f"for-{VENDOR}"]
    assert found(settings(known_accounts={"vendors": {VENDOR: "Acme"}})) == []


def test_files_are_looked_at_with_the_same_knowledge(
    account: AccountBuilder, sqlite_store: Store, clock: StandingClock, tmp_path: Path
) -> None:
    """AWS isn't asked there, so the member can't be told from a stranger, which is said."""
    details = tmp_path / "details.json"
    answer = account.client().get_account_authorization_details()
    details.write_text(json.dumps(answer, default=str))
    snapshot = read_offline(authorization_details=details, clock=clock, protection=Protection())
    with house(account, sqlite_store, clock, only=(CONTROL,), settings=settings()) as home:
        seen = home.service.scan_offline(ALICE, snapshot).findings

    found = {each.record.finding.resource.name: each.record.finding for each in seen}
    assert sorted(found) == [f"for-{MEMBER}", f"for-{VENDOR}"]
    for each in found.values():
        assert "only a live scan reads it" in str(each.evidence["organization"])


def test_a_member_has_the_managing_account_of_the_configuration_asked(
    account: AccountBuilder, sqlite_url: str
) -> None:
    """Its own roles that trust a sister are none to strangers, although AWS tells it nothing."""
    here = trusting({"AWS": f"arn:aws:iam::{account.account_id}:root"})
    sister = trusting({"AWS": f"arn:aws:iam::{SISTER}:root"}, Condition=when("sts:ExternalId", "x"))
    account.member_account(SISTER, "sister")
    member = AccountBuilder(MEMBER, account.iam.clock)
    member.role("locksmith", trust=trust(here))
    member.role("for-sister", trust=trust(sister))
    off = {name: {"enabled": False} for name in discover() if name != CONTROL}
    own = {"id": account.account_id}
    there = {"id": MEMBER, "role": f"arn:aws:iam::{MEMBER}:role/locksmith"}

    def organization(*accounts: dict[str, str]) -> list[object]:
        given = {"database": {"url": sqlite_url}, "accounts": accounts, "controls": off}
        with closing(Application(Config.model_validate(given))) as app:
            result = app.service.scan(app.actor, quiet, MEMBER)
            return [
                each.record.finding.evidence.get("organization")
                for each in result.findings
                if each.record.status is FindingStatus.OPEN
            ]

    assert organization(own, there) == []
    (unsure,) = organization(there)
    assert "could not be read" in str(unsure)
