"""What AWS allows in an account: as its summary says, or else by default."""

from bot.model import Part, Snapshot

# Defaults where GetAccountSummary was not read, by its names.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_QUOTAS = {
    "GroupsPerUserQuota": 10,
    "AttachedPoliciesPerGroupQuota": 10,
    "GroupPolicySizeQuota": 5120,
    "GroupsQuota": 300,
    "VersionsPerPolicyQuota": 5,
    "PolicySizeQuota": 6144,
    "UserPolicySizeQuota": 2048,
    "RolePolicySizeQuota": 10240,
    "AttachedPoliciesPerUserQuota": 10,
    "AttachedPoliciesPerRoleQuota": 10,
}


def quota(snapshot: Snapshot, name: str) -> int:
    """What AWS allows here, by GetAccountSummary's name; AWS's default where it was not read."""
    read: int = snapshot.parts.get(Part.ACCOUNT_SUMMARY, {}).get(name, _QUOTAS[name])
    return read
