"""Corrections are put in on request, once, and importing Locksmith doesn't bring moto."""

import subprocess
import sys

import boto3
import pytest
from moto.iam.models import IAMBackend, User, iam_backends

from bot.aws.simulated import AccountBuilder, install
from bot.aws.simulated.fidelity import SimulatedIam, iam_account


def test_installing_twice_keeps_the_account(account: AccountBuilder) -> None:
    """The second time changes nothing."""
    account.user("alice")
    install()
    install()
    assert iam_account(account.account_id) is account.iam
    assert isinstance(account.iam, SimulatedIam)
    assert [u["UserName"] for u in account.client().list_users()["Users"]] == ["alice"]


def test_accounts_are_apart(account: AccountBuilder) -> None:
    """What is in one account isn't in another."""
    account.user("alice")
    assert list(iam_account("210987654321").users) == []
    assert iam_backends.backend is SimulatedIam


@pytest.mark.parametrize(
    ("statement", "loads_moto"),
    [("import bot, bot.aws", False), ("import bot.aws.simulated", True)],
    ids=["bot.aws", "bot.aws.simulated"],
)
def test_only_the_simulation_imports_moto(statement: str, loads_moto: bool) -> None:
    """moto is an optional extra; the second case proves that the first can fail."""
    program = f"{statement}; import sys; print('moto' in sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == str(loads_moto)


def test_without_moto_the_error_says_what_to_install() -> None:
    """The production installation leaves moto out."""
    program = "import sys; sys.modules['moto'] = None; import bot.aws.simulated"
    failed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert failed.returncode == 1
    assert "pip install 'iam-locksmith[demo]'" in failed.stderr


def test_what_moto_made_before_is_not_taken_for_corrected(account: AccountBuilder) -> None:
    """A plain user or account of moto's would answer wrongly; it is refused instead."""
    account.iam.users["plain"] = User(account.account_id, "aws", "plain")  # type: ignore[abstract]
    with pytest.raises(TypeError, match="before the simulation was installed"):
        account.iam.simulated_user("plain")
    other = IAMBackend("aws", "210987654321")
    other.create_user("us-east-1", "plain")
    key = other.create_access_key("plain")
    iam_backends[other.account_id]["aws"] = other
    session = boto3.Session(key.access_key_id, key.secret_access_key, region_name="us-east-1")
    with pytest.raises(TypeError, match="not installed before this account"):
        session.client("iam").list_users()
    with pytest.raises(TypeError, match=r"before install\(\)"):
        iam_account(other.account_id)
