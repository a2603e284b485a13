"""GetAccountSummary with the root flags and quotas that moto keeps constant or leaves out.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
"""

from __future__ import annotations

from bot.aws.simulated.service_credentials import ServiceCredentials


def summary_map(account: ServiceCredentials) -> dict[str, int]:
    """Counts, quotas and root flags; a flag is 0 or 1, never a number of keys."""
    root = account.root
    users = list(account.users.values())
    local = [p for p in account.managed_policies.values() if p not in account.aws_managed_policies]
    return {
        **account.quotas,
        "AccountAccessKeysPresent": int(bool(root.keys)),
        "AccountMFAEnabled": int(root.mfa),
        "AccountPasswordPresent": int(root.password),
        "AccountSigningCertificatesPresent": int(bool(root.certificates)),
        "GlobalEndpointTokenVersion": 1,
        "Groups": len(account.groups),
        "InstanceProfiles": len(account.instance_profiles),
        "MFADevices": len(account.virtual_mfa_devices),
        "MFADevicesInUse": sum(len(user.mfa_devices) for user in users) + int(root.mfa),
        "Policies": len(local),
        "PolicyVersionsInUse": sum(len(policy.versions) for policy in local),
        "Providers": len(account.saml_providers) + len(account.open_id_providers),
        "Roles": len(account.roles),
        "ServerCertificates": len(account.certificates),
        "Users": len(users),
    }
