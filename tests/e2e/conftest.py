"""Two served accounts for the whole session, a database that has seen them, and a shell."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.awscli import aws
from tests.e2e.clouds import Cloud, served
from tests.e2e.commands import QUICK, Locksmith, copy_of, nobodys_environ
from tests.e2e.exports import OPTIONS, Files, Offline
from tests.e2e.forking import Forking, forking

EVERYONE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}
AWS_POLICY = "arn:aws:iam::aws:policy"
#: One role for each test that changes its own; all can be assumed by anyone.
ROLES = (
    "asked",
    "denied",
    "kept",
    "stale",
    "changed",
    "applied",
    "raced",
    "interrupted",
    "named",
    "secret",
    "garbled",
)


@pytest.fixture(scope="session")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a person whose home is empty."""
    return nobodys_environ(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def forks(environ: dict[str, str]) -> Iterator[Forking]:
    """What starts the commands."""
    with forking(environ) as forks:
        yield forks


@pytest.fixture(scope="session")
def small_account(environ: dict[str, str]) -> Iterator[Cloud]:
    """An account with a few roles that trust everyone."""
    with served(environ, users=0) as cloud:
        iam = cloud.client()
        for name in ROLES:
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(EVERYONE))
        iam.create_user(UserName="half-way")
        iam.attach_user_policy(UserName="half-way", PolicyArn=f"{AWS_POLICY}/job-function/Billing")
        yield cloud


@pytest.fixture(scope="session")
def company_account(environ: dict[str, str]) -> Iterator[Cloud]:
    """The simulated company, in which every control finds something."""
    with served(environ, users=25) as cloud:
        yield cloud


@pytest.fixture
def cloud(small_account: Cloud) -> Cloud:
    """The small account, without trouble."""
    small_account.heal()
    return small_account


@pytest.fixture
def company(company_account: Cloud) -> Cloud:
    """The company, without trouble."""
    company_account.heal()
    return company_account


@pytest.fixture
def unsigned(forks: Forking, environ: dict[str, str], tmp_path: Path) -> Locksmith:
    """A shell without credentials, in an empty folder, with an empty database."""
    return Locksmith(forks, tmp_path, {**environ, **QUICK})


@pytest.fixture
def fresh(unsigned: Locksmith, cloud: Cloud) -> Locksmith:
    """A shell that is signed in to the small account."""
    return unsigned.but(**cloud.environment)


@pytest.fixture(scope="session")
def seen(
    forks: Forking,
    environ: dict[str, str],
    small_account: Cloud,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A database that has seen the small account, which may be changed."""
    small_account.heal()
    folder = tmp_path_factory.mktemp("seen")
    locksmith = Locksmith(forks, folder, {**environ, **QUICK, **small_account.environment})
    locksmith.json("scan")
    locksmith.json("go-live", small_account.account)
    return locksmith.database


@pytest.fixture
def locksmith(fresh: Locksmith, seen: Path) -> Locksmith:
    """A shell whose database has seen the small account, which may be changed."""
    copy_of(seen, fresh.folder)
    return fresh


@pytest.fixture(scope="session")
def seen_company(
    forks: Forking,
    environ: dict[str, str],
    company_account: Cloud,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A database that has seen the company."""
    company_account.heal()
    folder = tmp_path_factory.mktemp("company")
    locksmith = Locksmith(forks, folder, {**environ, **company_account.environment})
    locksmith.json("scan")
    return locksmith.database


@pytest.fixture
def company_seen(unsigned: Locksmith, company: Cloud, seen_company: Path) -> Locksmith:
    """A shell whose database has seen the company."""
    copy_of(seen_company, unsigned.folder)
    return unsigned.but(**company.environment)


def asked(locksmith: Locksmith, role: str) -> dict[str, Any]:
    """The open proposal about one of the roles: its id and its digest."""
    finding = locksmith.finding("wildcard-trust-policy", role)
    return {"id": finding["proposal"]["id"], "digest": finding["remediation"]["digest"]}


@pytest.fixture(scope="session")
def exported(company_account: Cloud, environ: dict[str, str]) -> Files:
    """What the AWS CLI wrote about the company, by command."""
    company_account.heal()
    signed_in = {**environ, **company_account.environment}
    aws(signed_in, "iam", "generate-credential-report")
    return {name: aws(signed_in, "iam", name, "--output", "json").encode() for name in OPTIONS}


@pytest.fixture
def offline(unsigned: Locksmith) -> Offline:
    """Writes files into the shell's folder; the words that scan them."""

    def words(files: Files) -> tuple[str, ...]:
        given = ["scan"]
        for name, content in files.items():
            path = unsigned.folder / f"{name}.export"
            path.write_bytes(content)
            given += [OPTIONS[name], path.name]
        return tuple(given)

    return words
