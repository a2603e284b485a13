"""The company has every violation that a control looks for, and is the same for the same seed."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.aws.simulated import (
    ADMIN_GROUP,
    BREAK_GLASS_USER,
    OPERATOR_ROLE,
    AccountBuilder,
    fill,
    mock_account,
    seed_conditions,
)
from bot.aws.simulated.fidelity import iam_account
from bot.aws.simulated.seed_delegation import LENT_USER, ROLES
from bot.aws.simulated.seed_groups import GROUPS, SHARED_USER
from bot.aws.simulated.seed_organization import member_ids
from bot.aws.simulated.seed_policies import COPIES
from bot.aws.simulated.seed_rights import MADE_POLICIES, MADE_ROLES
from bot.model import MFA_FENCE
from tests.aws.simulated.conftest import NOW


class Company:
    """What AWS tells about a seeded account, read once through the API."""

    def __init__(self, account: AccountBuilder) -> None:
        iam = account.client()
        pages = iam.get_paginator("get_account_authorization_details").paginate()
        everything = list(pages)
        self.users = [u for page in everything for u in page["UserDetailList"]]
        self.groups = [g for page in everything for g in page["GroupDetailList"]]
        self.roles = [r for page in everything for r in page["RoleDetailList"]]
        self.policies = [p for page in everything for p in page["Policies"]]
        self.devices = iam.list_virtual_mfa_devices()["VirtualMFADevices"]
        iam.generate_credential_report()
        report = iam.get_credential_report()["Content"].decode()
        rows = list(csv.DictReader(io.StringIO(report)))
        self.root, self.rows = rows[0], rows[1:]
        self.summary = iam.get_account_summary()["SummaryMap"]
        self.password_policy = iam.get_account_password_policy()["PasswordPolicy"]
        self.contacts = {
            kind for kind in ("SECURITY", "OPERATIONS", "BILLING") if _has_contact(account, kind)
        }
        self.features = set(iam.list_organizations_features()["EnabledFeatures"])
        roots = [iam_account(each).root for each in member_ids(account.account_id)]
        self.roots = [(len(root.keys), root.password) for root in roots]
        trails = account.client("cloudtrail")
        self.trails = [
            (trail, trails.get_trail_status(Name=trail["Name"])["IsLogging"])
            for trail in trails.describe_trails()["trailList"]
        ]

    def access_keys(self) -> Iterator[tuple[bool, datetime, datetime | None]]:
        """Active, created and last used, of every key in the report."""
        for row in self.rows:
            for slot in (1, 2):
                created = moment(row[f"access_key_{slot}_last_rotated"])
                if created is not None:
                    used = moment(row[f"access_key_{slot}_last_used_date"])
                    yield row[f"access_key_{slot}_active"] == "true", created, used

    def trusts(self) -> list[dict[str, Any]]:
        """The statements of all roles' trust policies."""
        return [s for r in self.roles for s in r["AssumeRolePolicyDocument"]["Statement"]]

    def inline_of_roles(self) -> list[dict[str, Any]]:
        """The statements of all roles' inline policies."""
        inline = [p for r in self.roles for p in r["RolePolicyList"]]
        return [s for p in inline for s in p["PolicyDocument"]["Statement"]]

    def attached_to(self, name: str) -> set[str]:
        """Names of managed policies attached to one user."""
        (user,) = (u for u in self.users if u["UserName"] == name)
        return {p["PolicyName"] for p in user["AttachedManagedPolicies"]}

    def inline_of(self, name: str) -> set[str]:
        """Names of one user's inline policies."""
        (user,) = (u for u in self.users if u["UserName"] == name)
        return {p["PolicyName"] for p in user.get("UserPolicyList", [])}

    def behind_the_fence(self, mfa_active: str) -> list[dict[str, str]]:
        """Rows of those behind the fence until MFA who have a device, or have none."""
        fenced = [r for r in self.rows if MFA_FENCE in self.inline_of(r["user"])]
        return [r for r in fenced if r["mfa_active"] == mfa_active]

    def members(self, group: str) -> list[str]:
        """The names of those in a group."""
        return [u["UserName"] for u in self.users if group in u["GroupList"]]

    def attached_to_users(self) -> set[str]:
        """Names of managed policies attached to users directly."""
        return {p["PolicyName"] for u in self.users for p in u["AttachedManagedPolicies"]}


def _has_contact(account: AccountBuilder, kind: str) -> bool:
    client = account.client("account")
    try:
        client.get_alternate_contact(AlternateContactType=kind)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True


def moment(text: str) -> datetime | None:
    """A report's time, or None for a sentinel."""
    return datetime.fromisoformat(text) if text[:2] == "20" else None


def is_full_admin(document: dict[str, Any]) -> bool:
    """Whether it says Allow, *, * in so many words."""
    return any(
        (s["Effect"], s.get("Action"), s.get("Resource")) == ("Allow", "*", "*")
        for s in document["Statement"]
    )


@pytest.fixture(scope="module")
def company() -> Company:
    """The default company of 30 users, read once."""
    with mock_account(NOW) as account:
        fill(account)
        return Company(account)


VIOLATIONS: dict[str, Callable[[Company], object]] = {
    "root-access-key": lambda c: c.summary["AccountAccessKeysPresent"] == 1,
    "root-without-mfa": lambda c: (
        c.summary["AccountMFAEnabled"] == 0 and c.root["mfa_active"] == "false"
    ),
    "root-signing-certificate": lambda c: c.summary["AccountSigningCertificatesPresent"] == 1,
    "root-used-recently": lambda c: (
        (used := moment(c.root["password_last_used"])) and NOW - used < timedelta(days=14)
    ),
    "old-root-access-key": lambda c: (
        (made := moment(c.root["access_key_1_last_rotated"])) and NOW - made > timedelta(days=90)
    ),
    "root key, not used recently": lambda c: (
        (used := moment(c.root["access_key_1_last_used_date"])) and NOW - used > timedelta(days=14)
    ),
    "centralized-root-access-disabled": lambda c: c.features == {"RootCredentialsManagement"},
    "member-root-credentials-present": lambda c: c.roots[0] == (1, True),
    "a member's root key in use": lambda c: c.roots[1] == (1, False),
    "a member without root credentials": lambda c: c.roots[2] == (0, False),
    "security-contact-missing": lambda c: "SECURITY" not in c.contacts and "BILLING" in c.contacts,
    "weak-password-policy": lambda c: (
        c.password_policy["MinimumPasswordLength"] < 14 and not c.password_policy["RequireSymbols"]
    ),
    "password-never-expires": lambda c: not c.password_policy["ExpirePasswords"],
    "console-user-without-mfa": lambda c: [
        r for r in c.rows if (r["password_enabled"], r["mfa_active"]) == ("true", "false")
    ],
    "privileged-user-without-mfa": lambda c: [
        r
        for r in c.rows
        if (r["password_enabled"], r["mfa_active"]) == ("true", "false")
        and "IAMFullAccess" in c.attached_to(r["user"])
    ],
    "access-key-use-without-mfa-condition": lambda c: [
        r
        for r in c.rows
        if (r["mfa_active"], r["access_key_1_active"]) == ("true", "true")
        and ADMIN_GROUP in next(u["GroupList"] for u in c.users if u["UserName"] == r["user"])
    ],
    "rights that take MFA": lambda c: "everything-with-mfa" in c.inline_of("ines.duarte"),
    "mfa-fence-no-longer-needed": lambda c: c.behind_the_fence("true"),
    "fence that is needed": lambda c: c.behind_the_fence("false"),
    "unused-access-key": lambda c: [
        k for k in c.access_keys() if k[0] and k[2] is not None and NOW - k[2] > timedelta(days=45)
    ],
    "never-used-access-key": lambda c: [
        k for k in c.access_keys() if k[0] and k[2] is None and NOW - k[1] > timedelta(days=45)
    ],
    "never-used-access-key, near miss": lambda c: [
        k for k in c.access_keys() if k[0] and k[2] is None and NOW - k[1] < timedelta(days=30)
    ],
    "second-active-key-unused": lambda c: [
        r
        for r in c.rows
        if (r["access_key_1_active"], r["access_key_2_active"]) == ("true", "true")
        and sorted(
            NOW - moment(r[f"access_key_{slot}_last_used_date"]) > timedelta(days=30)
            for slot in (1, 2)
            if moment(r[f"access_key_{slot}_last_used_date"])
        )
        == [False, True]
    ],
    "old-access-key": lambda c: [
        k for k in c.access_keys() if k[0] and NOW - k[1] > timedelta(days=90)
    ],
    "inactive-access-key": lambda c: [k for k in c.access_keys() if not k[0]],
    "unused-console-password": lambda c: [
        r
        for r in c.rows
        if (used := moment(r["password_last_used"])) and NOW - used > timedelta(days=45)
    ],
    "console-password-on-service-user": lambda c: [
        r for r in c.rows if r["user"].startswith("svc-") and r["password_enabled"] == "true"
    ],
    "inactive-user": lambda c: [
        r
        for r in c.rows
        if NOW - datetime.fromisoformat(r["user_creation_time"]) > timedelta(days=90)
        and all(
            (used := moment(r[column])) is None or NOW - used > timedelta(days=90)
            for column in (
                "password_last_used",
                "password_last_changed",
                "access_key_1_last_rotated",
                "access_key_1_last_used_date",
                "access_key_2_last_rotated",
                "access_key_2_last_used_date",
            )
        )
    ],
    "orphaned-virtual-mfa-device": lambda c: [d for d in c.devices if "User" not in d],
    "orphaned-virtual-mfa-device, near miss": lambda c: [d for d in c.devices if "User" in d],
    "password never used": lambda c: [
        r for r in c.rows if r["password_last_used"] == "no_information"
    ],
    "policy-attached-to-user": lambda c: "AmazonS3ReadOnlyAccess" in c.attached_to_users(),
    "inline-policy-on-user": lambda c: [u for u in c.users if u.get("UserPolicyList")],
    "full-admin-policy, AWS's": lambda c: "AdministratorAccess" in c.attached_to_users(),
    "full-admin-policy, customer": lambda c: [
        p
        for p in c.policies
        if ":aws:policy" not in p["Arn"] and is_full_admin(p["PolicyVersionList"][0]["Document"])
    ],
    "full-admin-policy, inline": lambda c: [
        p
        for u in c.users
        for p in u.get("UserPolicyList", [])
        if is_full_admin(p["PolicyDocument"])
    ],
    "full-admin-policy, NotAction": lambda c: "NotAction" in json.dumps(c.policies, default=str),
    "wildcard-trust-policy, anyone": lambda c: [
        r
        for r in c.roles
        if r["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": "*"}
    ],
    "wildcard-trust-policy, foreign": lambda c: [
        r
        for r in c.roles
        if ":root" in str(r["AssumeRolePolicyDocument"])
        and "123456789012" not in str(r["AssumeRolePolicyDocument"])
        and "Condition" not in r["AssumeRolePolicyDocument"]["Statement"][0]
    ],
    "cross-account-trust-without-external-id": lambda c: [
        s for s in c.trusts() if "aws:PrincipalArn" in str(s.get("Condition"))
    ],
    "trust-to-unknown-account": lambda c: [
        s for s in c.trusts() if "sts:ExternalId" in str(s.get("Condition"))
    ],
    "trust-to-unknown-account, near miss": lambda c: [
        s for s in c.trusts() if "aws:PrincipalOrgID" in str(s.get("Condition"))
    ],
    "trust-to-deleted-principal": lambda c: [s for s in c.trusts() if "AROA" in str(s)],
    "oidc-trust-without-subject": lambda c: [
        s
        for s in c.trusts()
        if "oidc.eks" in str(s["Principal"]) and ":sub" not in str(s["Condition"])
    ],
    "oidc-trust-without-subject, near miss": lambda c: [
        s for s in c.trusts() if "oidc.eks" in str(s["Principal"]) and ":sub" in str(s["Condition"])
    ],
    "user-for-another-account": lambda c: [
        t
        for u in c.users
        if u["UserName"] == LENT_USER
        for t in u["Tags"]
        if t["Key"] == "carrier-account"
    ],
    "temporary-access-without-end-date": lambda c: "temporary-warehouse-move" in str(c.policies),
    "lapsed-date-condition": lambda c: [
        s for s in c.inline_of_roles() if "s3:DeleteObject" in str(s) and "DateLessThan" in str(s)
    ],
    "pass-role-without-service-condition": lambda c: [
        s for s in c.inline_of_roles() if s["Action"] == "iam:PassRole" and "Condition" not in s
    ],
    "pass-role-without-service-condition, near miss": lambda c: [
        s for s in c.inline_of_roles() if "iam:PassedToService" in str(s)
    ],
    "sensitive-action-without-mfa-condition": lambda c: [
        g for g in c.groups if "emergency-stop" in str(g.get("GroupPolicyList"))
    ],
    "service-trust-without-source-condition": lambda c: [
        s for s in c.trusts() if "states." in str(s["Principal"]) and "Condition" not in s
    ],
    "service-trust-without-source-condition, near miss": lambda c: [
        s for s in c.trusts() if "aws:SourceAccount" in str(s.get("Condition"))
    ],
    "no-multi-region-trail": lambda c: [
        t for t in c.trails if (t[0]["IsMultiRegionTrail"], t[1]) == (False, False)
    ],
    "Deny on a user": lambda c: [
        p
        for u in c.users
        for p in u.get("UserPolicyList", [])
        if p["PolicyDocument"]["Statement"][0]["Effect"] == "Deny"
    ],
    "quarantine": lambda c: "AWSCompromisedKeyQuarantineV3" in c.attached_to_users(),
    "owned by a stack": lambda c: [
        u for u in c.users if "aws:cloudformation:stack-name" in {t["Key"] for t in u["Tags"]}
    ],
    "no owner": lambda c: [u for u in c.users if "owner" not in {t["Key"] for t in u["Tags"]}],
    "empty-group": lambda c: c.members("interns-2024") == [],
    "duplicate-groups": lambda c: c.members("on-call") and c.members("on-call-europe"),
    "user-in-no-group": lambda c: [
        u for u in c.users if not u["GroupList"] and "UserPolicyList" not in u
    ],
    "same-direct-policies-on-several-users": lambda c: (
        len([u for u in c.users if u["UserName"].startswith("svc-dock-")]) == 3
    ),
    "shared-user": lambda c: [r for r in c.rows if r["user"] == SHARED_USER],
    "human-user-beside-identity-center": lambda c: [
        r for r in c.roles if r["RoleName"].startswith("AWSReservedSSO_") and r["RoleLastUsed"]
    ],
    "unused-role": lambda c: [
        r for r in c.roles if not r["RoleLastUsed"] and NOW - r["CreateDate"] > timedelta(days=90)
    ],
    "fenced-unused-role": lambda c: [
        r for r in c.roles if "Locksmith-UnusedRole" in str(r.get("RolePolicyList"))
    ],
    "service-wildcard-policy": lambda c: [
        p for p in c.policies if p["PolicyName"] == "data-lake-all-buckets"
    ],
    "broad-cloudshell-access": lambda c: [
        r for r in c.roles if "AWSCloudShellFullAccess" in str(r["AttachedManagedPolicies"])
    ],
    "privilege-escalation-path": lambda c: [
        r for r in c.roles if "iam:PutRolePolicy" in str(r.get("RolePolicyList"))
    ],
    "customer-policy-widened": lambda c: [
        p for p in c.policies if p["PolicyName"] == "nightly-export"
    ],
    "support-role-missing": lambda c: "AWSSupportAccess" not in str(c.roles),
    "boundary": lambda c: [u for u in c.users if "PermissionsBoundary" in u],
    "comma in a name": lambda c: [u for u in c.users if "," in u["UserName"]],
    "service-linked role": lambda c: [
        r for r in c.roles if r["Path"].startswith("/aws-service-role/")
    ],
    "Identity Center administrator": lambda c: [
        r for r in c.roles if r["RoleName"].startswith("AWSReservedSSO_AdministratorAccess_")
    ],
}


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_company_has(company: Company, violation: str) -> None:
    """Each thing a control or a guard must meet, seen through the API."""
    assert VIOLATIONS[violation](company)


def test_administrators_are_left_when_the_wrong_ones_go(company: Company) -> None:
    """Two proper ones through a group, the break-glass user, and an assumable role."""
    admins = [u["UserName"] for u in company.users if ADMIN_GROUP in u["GroupList"]]
    assert len(admins) == 2
    rows = {row["user"]: row for row in company.rows}
    assert all(rows[name]["mfa_active"] == "true" for name in admins)
    break_glass = next(u for u in company.users if u["UserName"] == BREAK_GLASS_USER)
    attached = [p["PolicyName"] for p in break_glass["AttachedManagedPolicies"]]
    assert attached == ["AdministratorAccess"]


def snapshot(users: int, seed: int, now: datetime = NOW) -> str:
    """Everything AWS tells about a freshly seeded account, as text."""
    with mock_account(now) as account:
        fill(account, users=users, seed=seed)
        company = Company(account)
        return json.dumps([vars(company), list(company.access_keys())], default=str, sort_keys=True)


def test_same_seed_same_company() -> None:
    """Names, ids, ages, policies: all of it; another seed differs."""
    assert snapshot(40, 7) == snapshot(40, 7)
    assert snapshot(40, 7) != snapshot(40, 8)


def test_ages_go_with_the_account_time() -> None:
    """A year later the same company is as old as it was."""
    later = snapshot(25, 7, NOW + timedelta(days=365))
    assert "2027-11" in later
    assert "2027-11" not in snapshot(25, 7)


@pytest.mark.parametrize(
    ("users", "policies", "groups", "roles"),
    [(25, 10, 5, 10), (300, 30, 6, 60), (1000, 100, 20, 200)],
)
def test_shape(users: int, policies: int, groups: int, roles: int) -> None:
    """That of the measurements; the operator's role, the pipeline's policy, copies come on top."""
    with mock_account(NOW) as account:
        fill(account, users=users)
        found = account.client().get_account_summary()["SummaryMap"]
        assert [found[kind] for kind in ("Users", "Policies", "Groups", "Roles")] == [
            users,
            policies + 1 + len(COPIES) + len(MADE_POLICIES) + seed_conditions.POLICIES,
            groups + len(GROUPS),
            roles + 1 + ROLES + len(MADE_ROLES) + seed_conditions.ROLES,
        ]  # fmt: skip


def test_five_thousand_users() -> None:
    """The largest account AWS allows, within every quota it reports."""
    with mock_account(NOW) as account:
        fill(account, users=5000)
        found = account.client().get_account_summary()["SummaryMap"]
        assert found["Users"] == found["UsersQuota"] == 5000
        for kind in ("Groups", "Roles", "Policies"):
            assert found[kind] <= found[f"{kind}Quota"]
        for user in account.iam.users.values():
            assert len(user.access_keys) <= 2
            assert len(user.managed_policies) <= 10


@pytest.mark.parametrize("users", range(0, 30, 7))
def test_any_number_of_users(users: int) -> None:
    """Small companies too, the operator's role always."""
    with mock_account(NOW) as account:
        fill(account, users=users)
        assert len(account.iam.users) == users
        assert account.iam.get_role(OPERATOR_ROLE)


def test_negative_number_is_refused() -> None:
    """It is a mistake, not an empty account."""
    with mock_account(NOW) as account, pytest.raises(ValueError, match="can't be negative"):
        fill(account, users=-1)
