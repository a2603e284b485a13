"""What AWS allows in an account: as its summary says, or else by default."""

from bot.model import Part, Snapshot

# Defaults where GetAccountSummary was not read, by its names.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_QUOTAS = {
    "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 10,
    "AttachedPoliciesPerUserQuota": 10,
    "GroupPolicySizeQuota": 5120,
    "GroupsPerUserQuota": 10,
    "GroupsQuota": 300,
    "PolicySizeQuota": 6144,
    "RolePolicySizeQuota": 10240,
    "UserPolicySizeQuota": 2048,
    "VersionsPerPolicyQuota": 5,
}


def quota(snapshot: Snapshot, name: str) -> int:
    """What AWS allows here, by GetAccountSummary's name; AWS's default where it was not read."""
    read: int = snapshot.parts.get(Part.ACCOUNT_SUMMARY, {}).get(name, _QUOTAS[name])
    return read
