"""Roles that let the wrong ones in, each with one beside it that does it right."""

from __future__ import annotations

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.company import trust
from bot.aws.simulated.seed_organization import member_ids

#: How many roles the company has for this.
ROLES = 5
#: The program whose key runs in a partner's account.
LENT_USER = "svc-dock-west"
_PARTNER_ACCOUNT, _CARRIER_ACCOUNT = "735511904428", "681203377945"
_CLUSTER = "oidc.eks.eu-central-1.amazonaws.com/id/4F2C9A7D1B6E"


def seed_delegation(account: AccountBuilder) -> None:
    """Roles for partners, a cluster and a sister account, and a user that a partner works as."""
    own = f"arn:aws:iam::{account.account_id}"
    cluster = f"{own}:oidc-provider/{_CLUSTER}"
    _, _, sister = member_ids(account.account_id)
    web = "sts:AssumeRoleWithWebIdentity"
    roles = {
        # Anyone whom the partner's collector works for gets in.
        "partner-collector": trust(
            {"AWS": f"arn:aws:iam::{_PARTNER_ACCOUNT}:root"},
            {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{_PARTNER_ACCOUNT}:role/collector"}},
        ),
        "sister-billing": trust(
            {"AWS": f"arn:aws:iam::{sister}:root"},
            {"StringEquals": {"aws:PrincipalOrgID": account.organization_id()}},
        ),
        "old-deployer": trust({"AWS": [f"{own}:root", "AROAX4MPLE7DELETED21"]}),
        "cluster-orders": trust(
            {"Federated": cluster}, {"StringEquals": {f"{_CLUSTER}:aud": "sts.amazonaws.com"}}, web
        ),
        "cluster-invoices": trust(
            {"Federated": cluster},
            {"StringEquals": {f"{_CLUSTER}:sub": "system:serviceaccount:finance:invoices"}},
            web,
        ),
    }
    for name, document in roles.items():
        account.role(
            name, trust=document, created=account.ago(days=500), last_used=account.ago(days=3)
        )
    if LENT_USER in account.iam.users:
        tag = {"Key": "carrier-account", "Value": _CARRIER_ACCOUNT}
        account.iam.tag_user(LENT_USER, [tag])
