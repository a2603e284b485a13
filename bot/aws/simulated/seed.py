"""Fills a simulated account with a believable company, the same one for the same seed.

The shape at N users is that of the measurements in docs/benchmarks.md: N/10 customer policies
(at least 10), N/50 groups (at least 5), N/5 roles (at least 10).
"""

from __future__ import annotations

import random

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.company import (
    ALL_BUT_IAM,
    DOMAIN,
    FULL_ADMIN,
    PROGRAMS,
    SERVICES,
    TEAMS,
    document,
    narrow,
    statement,
    trust,
)
from bot.aws.simulated.seed_cast import ADMIN_GROUP, CAST
from bot.aws.simulated.seed_conditions import seed_conditions
from bot.aws.simulated.seed_delegation import seed_delegation
from bot.aws.simulated.seed_groups import KEPT, keep_groups
from bot.aws.simulated.seed_makers import remember_makers
from bot.aws.simulated.seed_mfa_cast import MFA_CAST
from bot.aws.simulated.seed_organization import seed_organization
from bot.aws.simulated.seed_policies import keep_policies
from bot.aws.simulated.seed_rights import seed_rights
from bot.aws.simulated.seed_rotation import MAIL_CAST, seed_credentials
from bot.aws.simulated.seed_staff import Staff, past

OPERATOR_ROLE = "LocksmithOperator"
DEFAULT_USERS = 30
DEFAULT_SEED = 42
_FOREIGN_ACCOUNT = "464622532012"
_UNVETTED_ACCOUNT = "998877665544"
_BROAD = 3  # the first policies that are made


def fill(account: AccountBuilder, *, users: int = DEFAULT_USERS, seed: int = DEFAULT_SEED) -> None:
    """Fill an empty account. With 0 users it gets the operator's role and nothing else.

    Everything but secrets is the same for the same `users`, `seed` and time of the account.
    Raises ValueError for a negative number of users.
    """
    if users < 0:
        raise ValueError("users can't be negative; 0 means an account without any")
    account.iam.source = random.Random(seed)  # noqa: S311 - a story, not a secret
    _operator(account)
    if users == 0:
        return
    Seeding(account, users, account.iam.source).everything()
    remember_makers(account)


def _operator(account: AccountBuilder) -> None:
    account.role(
        OPERATOR_ROLE,
        trust=trust({"AWS": f"arn:aws:iam::{account.account_id}:root"}),
        attached=["SecurityAudit", "IAMFullAccess"],
        description="Locksmith scans and fixes as this role",
        created=account.ago(days=10),
    )


def _anyone_reads(account: AccountBuilder) -> dict[str, object]:
    files = f"arn:aws:s3:::company-trail-{account.account_id}/*"
    everyone = {"Principal": "*", **statement("Allow", "s3:GetObject", files)}
    return document(everyone)


class Seeding:
    """One filling of one account; `chance` decides whatever the story leaves open."""

    def __init__(self, account: AccountBuilder, users: int, chance: random.Random) -> None:
        self._account = account
        self._users = users
        self._chance = chance
        self._policies: list[str] = []
        self._groups: list[str] = []

    def everything(self) -> None:
        """The company, from the root user to the last program."""
        self._account_settings()
        seed_organization(self._account)
        self._customer_policies(max(10, self._users // 10))
        self._team_groups(max(5, self._users // 50))
        self._vendor_and_service_roles()
        self._application_roles(max(10, self._users // 5))
        cast = (*CAST, *MFA_CAST, *KEPT, *MAIL_CAST)
        for member in cast[: self._users]:
            member(self._account)
        staff = Staff(self._account, self._chance, self._groups, self._policies[_BROAD:])
        for number in range(len(cast), self._users):
            staff.somebody(number)
        keep_groups(self._account)
        keep_policies(self._account)
        seed_credentials(self._account)
        seed_delegation(self._account)
        seed_rights(self._account)
        seed_conditions(self._account)

    # The account

    def _account_settings(self) -> None:
        account = self._account
        account.root(
            mfa=False,
            keys=1,
            key_last_used=account.ago(days=300),
            certificates=1,
            password_last_used=account.ago(days=9),
        )
        account.contact("SECURITY", present=False)
        account.contact("BILLING")
        account.password_policy(length=8, symbols=False, uppercase=False, reuse=0)
        account.trail("company-trail", multi_region=False, logging=False)
        account.bucket(f"company-trail-{account.account_id}", policy=_anyone_reads(account))
        account.config_recorder(recording=False)
        account.analyzer("outsiders", region="eu-west-1")
        account.analyzer("unused-access", kind="ACCOUNT_UNUSED_ACCESS")
        account.unassigned_mfa("amara.okafor-old-phone")  # of an enrolment that was broken off
        account.quota("RolesQuota", 5000)
        account.quota("PoliciesQuota", 5000)
        account.quota("GroupsQuota", 500)

    def _customer_policies(self, number: int) -> None:
        account, created = self._account, self._account.ago(days=700)
        self._policies = [
            account.policy("legacy-full-access", FULL_ADMIN, created=created),
            account.policy("operations-everything-but-iam", ALL_BUT_IAM, created=created),
            account.policy(
                "data-lake-all-buckets",
                document(statement("Allow", "s3:*", "*")),
                created=created,
            ),
        ]
        for index in range(len(self._policies), number):
            service = SERVICES[index % len(SERVICES)]
            name = f"{TEAMS[index % len(TEAMS)]}-{service}-{index:03d}"
            older = [narrow(service, f"{name}-draft")] if index % 9 == 0 else []
            self._policies.append(
                account.policy(
                    name,
                    narrow(service, name),
                    created=past(account, self._chance, 100, 1200),
                    older_versions=older,
                )
            )

    def _team_groups(self, number: int) -> None:
        account = self._account
        account.group(ADMIN_GROUP, attached=["AdministratorAccess"])
        names = [*TEAMS[1:], "platform"]
        for index in range(number - 1):
            suffix = f"-{index // len(names) + 1}" if index >= len(names) else ""
            group = f"{names[index % len(names)]}{suffix}"
            account.group(group, attached=self._some_narrow(2))
            self._groups.append(group)
        for team in ("data", "payments", "web"):
            if team not in self._groups:
                account.group(team, attached=self._some_narrow(1))
                self._groups.append(team)
        account.attach("ReadOnlyAccess", group="data")
        account.attach("IAMUserChangePassword", group="web")

    # Roles

    def _vendor_and_service_roles(self) -> None:
        account = self._account
        account.service_linked_role("support.amazonaws.com", "Support")
        account.service_linked_role("trustedadvisor.amazonaws.com", "TrustedAdvisor")
        account.identity_center_role("AdministratorAccess", last_used=account.ago(days=2))
        account.identity_center_role("ReadOnlyAccess", last_used=account.ago(days=1))
        account.role(
            "monitoring-vendor",
            trust=trust(
                {"AWS": f"arn:aws:iam::{_FOREIGN_ACCOUNT}:root"},
                {"StringEquals": {"sts:ExternalId": "hl-7f3a91"}},
            ),
            attached=["SecurityAudit"],
            tags={"owner": f"platform@{DOMAIN}", "team": "platform"},
            created=account.ago(days=800),
            last_used=account.ago(hours=1),
        )
        account.role(
            "backup-vendor",
            trust=trust({"AWS": f"arn:aws:iam::{_UNVETTED_ACCOUNT}:root"}),
            attached=["AmazonS3FullAccess"],
            tags={"team": "warehouse"},
            created=account.ago(days=1000),
            last_used=account.ago(days=170),
        )
        account.role(
            "partner-report-reader",
            trust=trust({"AWS": "*"}),
            attached=["AmazonS3ReadOnlyAccess"],
            created=account.ago(days=640),
        )
        self._pipeline_roles()

    def _pipeline_roles(self) -> None:
        account = self._account
        provider = f"arn:aws:iam::{account.account_id}:oidc-provider/token.actions.example"
        account.role(
            "pipeline-deploy",
            trust=trust(
                {"Federated": provider},
                {"StringLike": {"token.actions.example:sub": "repo:harbourlight/web:*"}},
                "sts:AssumeRoleWithWebIdentity",
            ),
            attached=["PowerUserAccess"],
            created=account.ago(days=300),
            last_used=account.ago(hours=4),
        )
        account.role(
            "cdk-hnb659fds-deploy-role",
            trust=trust({"AWS": f"arn:aws:iam::{account.account_id}:root"}),
            tags={"aws:cloudformation:stack-name": "CDKToolkit"},
            created=account.ago(days=600),
        )
        account.role("operations", attached=[self._policies[0]], created=account.ago(days=900))

    def _application_roles(self, number: int) -> None:
        account = self._account
        for index in range(len(account.iam.roles), number + 1):  # the operator's isn't counted
            team = TEAMS[index % len(TEAMS)]
            service = "lambda.amazonaws.com" if index % 2 else "ec2.amazonaws.com"
            used = past(account, self._chance, 0, 300) if self._chance.random() < 0.8 else None
            account.role(
                f"app-{team}-{PROGRAMS[index % len(PROGRAMS)]}-{index:04d}",
                trust=trust({"Service": service}),
                path=f"/app/{team}/",
                tags={"team": team} if index % 4 else {},
                created=past(account, self._chance, 301, 1200),
                last_used=used,
                attached=self._some_narrow(1),
            )

    def _some_narrow(self, number: int) -> list[str]:
        return self._chance.sample(self._policies[_BROAD:], number)
