"""GetAccountSummary: root flags, counts and quotas under AWS's names."""

import pytest
from botocore.session import get_session

from bot.aws.simulated import AccountBuilder
from tests.aws.simulated.documents import ALLOW


def summary(account: AccountBuilder) -> dict[str, int]:
    found: dict[str, int] = account.client().get_account_summary()["SummaryMap"]
    return found


def test_keys_are_those_of_botocore(account: AccountBuilder) -> None:
    """Every key is one that botocore's model lists, and none of them is missing."""
    shape = get_session().get_service_model("iam").shape_for("summaryKeyType")
    assert set(summary(account)) == set(shape.enum)


@pytest.mark.parametrize(
    ("mfa", "keys", "password"), [(True, 0, True), (False, 1, True), (False, 2, False)]
)
def test_root_flags(account: AccountBuilder, mfa: bool, keys: int, password: bool) -> None:
    """Flags are 0 or 1, two keys are still 1."""
    account.root(mfa=mfa, keys=keys, password=password)
    found = summary(account)
    assert found["AccountMFAEnabled"] == int(mfa)
    assert found["AccountAccessKeysPresent"] == min(keys, 1)
    assert found["AccountPasswordPresent"] == int(password)
    assert found["AccountSigningCertificatesPresent"] == 0
    assert found["MFADevicesInUse"] == int(mfa)


def test_counts(account: AccountBuilder) -> None:
    """Customer policies and their versions count; AWS's don't."""
    account.root(mfa_kind="virtual")
    account.user("alice")
    account.mfa("alice")
    account.unassigned_mfa("spare")
    account.group("g", attached=["ReadOnlyAccess"])
    account.role("r")
    account.policy("p", ALLOW, older_versions=[ALLOW])
    found = summary(account)
    names = ("Users", "Groups", "Roles", "Policies", "PolicyVersionsInUse", "MFADevices")
    assert [found[name] for name in names] == [1, 1, 1, 1, 2, 3]
    assert found["MFADevicesInUse"] == 2


def test_quotas_can_be_raised(account: AccountBuilder) -> None:
    """As AWS raises them on request; an unknown one is refused."""
    account.quota("PoliciesQuota", 5000)
    assert summary(account)["PoliciesQuota"] == 5000
    with pytest.raises(ValueError, match="PolicyQuota is no quota"):
        account.quota("PolicyQuota", 1)
