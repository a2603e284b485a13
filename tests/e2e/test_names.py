"""Names and texts of all kinds, from AWS, from files and from people, are data everywhere."""

import json
from typing import Any

import pytest

from tests.e2e.clouds import Cloud
from tests.e2e.commands import Locksmith
from tests.e2e.conftest import AWS_POLICY, EVERYONE
from tests.e2e.forking import Forking

#: Everything that IAM allows in a name.
LIVE = "a.b+c,d=e@f_g-h"
#: What files may hold, whoever wrote them.
FOREIGN = {
    "quotes": 'o\'hara "the" `boss`',
    "markup": "[bold red]x[/] <b>y</b> [link=http://x]z[/link] &amp; :smile:",
    "formula": "=cmd|'/c calc'!A1",
    "colours": "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "link": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "cursor": "nobody\r\x1b[2K\x1b[1Ammm\x08\x08",
    "lines": "one\ntwo\u2028three\x0bfour",
    "c1": "\x9b31mred\x9d0;title\x9c",
    "direction": "nimda\u202e\u2066resu\u2069\u200f",
    "invisible": "ad\u200bmin\ufeff\u00ad",
    "percent": "%s %(x)s {0} ${HOME} \\n",
    "wide": "日本語 ÄÖÜ 🔑 é",
    "long": "x" * 3000,
}


@pytest.fixture(scope="module")
def scanned(
    forks: Forking, environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Locksmith:
    """A shell that has scanned a file with a user and a role of each name."""
    locksmith = Locksmith(forks, tmp_path_factory.mktemp("foreign"), environ)
    details = {
        "UserDetailList": [user(name, n) for n, name in enumerate(FOREIGN.values())],
        "GroupDetailList": [],
        "RoleDetailList": [role(name, n) for n, name in enumerate(FOREIGN.values())],
        "Policies": [],
    }
    (locksmith.folder / "auth.json").write_text(json.dumps(details))
    scan = locksmith("scan", "--authorization-details", "auth.json")
    assert scan.code == 0
    assert "inline-policy-on-user" in scan.out
    return locksmith


@pytest.mark.parametrize("name", FOREIGN.values(), ids=FOREIGN)
def test_in_a_file(name: str, scanned: Locksmith) -> None:
    """The name is whole in JSON; in text it steers no terminal and breaks no table."""
    finding = scanned.finding("inline-policy-on-user", name)
    exposed = scanned.finding("wildcard-trust-policy", name)

    shown = scanned("plan", finding["id"])
    whole = scanned("findings", "show", exposed["id"])

    assert shown.code == whole.code == 0
    assert finding["resource"]["arn"].endswith(name)


def user(name: str, number: int) -> dict[str, Any]:
    """A user whom every text of its own names so."""
    return {
        "Path": "/",
        "UserName": name,
        "UserId": f"AIDARZPUZDIKSOMEBODY{number}",
        "Arn": f"arn:aws:iam::123456789012:user/{name}",
        "CreateDate": "2026-01-01T00:00:00+00:00",
        "UserPolicyList": [{"PolicyName": name, "PolicyDocument": allow(name)}],
        "GroupList": [],
        "AttachedManagedPolicies": [],
        "Tags": [{"Key": "team", "Value": name}, {"Key": name[:128], "Value": "x"}],
    }


def role(name: str, number: int) -> dict[str, Any]:
    """A role that everyone may assume."""
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": f"AROARZPUZDIKSOMEBODY{number}",
        "Arn": f"arn:aws:iam::123456789012:role/{name}",
        "CreateDate": "2026-01-01T00:00:00+00:00",
        "AssumeRolePolicyDocument": EVERYONE,
        "InstanceProfileList": [],
        "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": [],
        "RoleLastUsed": {},
    }


def allow(name: str) -> dict[str, Any]:
    """A policy with that text in every place that takes any."""
    statement = {"Sid": name, "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"*{name}"}
    return {"Version": "2012-10-17", "Id": name, "Statement": [statement]}


def test_the_whole_loop_with_a_live_name(fresh: Locksmith, cloud: Cloud) -> None:
    """A user whose name has all that IAM allows is fixed, and is as before once that is undone."""
    iam = cloud.client()
    tags = [{"Key": "team", "Value": "Söme +team=: @x/y"}]
    iam.create_user(UserName=LIVE, Tags=tags)
    iam.attach_user_policy(UserName=LIVE, PolicyArn=f"{AWS_POLICY}/ReadOnlyAccess")
    fresh.json("scan")
    fresh.json("go-live", cloud.account)
    finding = fresh.finding("policy-attached-to-user", LIVE)
    proposal = finding["proposal"]["id"]

    fresh.json("approve", proposal, "--digest", finding["remediation"]["digest"])
    (done,) = fresh.json("apply", proposal)["executions"]
    (group,) = iam.list_groups_for_user(UserName=LIVE)["Groups"]
    (undone,) = fresh.json("undo", done["id"], "--yes")["executions"]

    assert (done["state"], undone["state"]) == ("done", "done")
    assert group["GroupName"]
    assert iam.list_groups_for_user(UserName=LIVE)["Groups"] == []
    (left,) = iam.list_attached_user_policies(UserName=LIVE)["AttachedPolicies"]
    assert left["PolicyName"] == "ReadOnlyAccess"
    iam.detach_user_policy(UserName=LIVE, PolicyArn=left["PolicyArn"])
    iam.delete_user(UserName=LIVE)


def test_in_what_a_person_says(locksmith: Locksmith) -> None:
    """Reasons are kept as they were said, and shown without steering the terminal."""
    finding = locksmith.finding("wildcard-trust-policy", "kept")["id"]

    for name, text in FOREIGN.items():
        outcome = locksmith("exempt", finding, "--reason", text, "--until", "30d")
        assert outcome.code == 0, outcome
        if name == "colours":
            assert "\\x1b[31mred" in locksmith("findings", "show", finding).out
    assert locksmith("audit", "show", finding).code == 0
    lines = locksmith("audit", "export").out.splitlines()

    said = [event for event in map(json.loads, lines) if event["event"]["subject"] == finding]
    assert len(said) == 1 + len(FOREIGN)
    assert locksmith.json("audit", "verify")["ok"]


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_in_the_command_itself(text: str, unsigned: Locksmith) -> None:
    """A mistyped word comes back as data too."""
    for words in ((text,), ("controls", "show", text)):
        outcome = unsigned(*words)

        assert outcome.code == 2, outcome
        assert "rror: " in outcome.err
