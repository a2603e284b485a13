"""The authorization details as values: the shapes that live accounts and files show."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from bot.aws.authorization import AuthorizationDetails, DetailsError, moment
from bot.model import Group, InlinePolicy, ManagedPolicy, Part, PolicyVersion, Role, User

CREATED = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
ARN = "arn:aws:iam::123456789012:"
ANYTHING = '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'

USER: dict[str, Any] = {
    "Path": "/team/",
    "UserName": "alice",
    "UserId": "AIDA1",
    "Arn": ARN + "user/team/alice",
    "CreateDate": CREATED,
    "GroupList": ["dev"],
    "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": ARN + "policy/p"}],
    "Tags": [{"Key": "owner", "Value": "bob@example.org"}],
}
VERSION = {"VersionId": "v1", "IsDefaultVersion": True, "CreateDate": CREATED, "Document": ANYTHING}
POLICY: dict[str, Any] = {
    "PolicyName": "p",
    "PolicyId": "ANPA1",
    "Arn": ARN + "policy/p",
    "Path": "/",
    "DefaultVersionId": "v1",
    "AttachmentCount": 3,
    "PolicyVersionList": [VERSION],
}
ROLE: dict[str, Any] = {
    "Path": "/",
    "RoleName": "app",
    "RoleId": "AROA1",
    "Arn": ARN + "role/app",
    "CreateDate": CREATED,
    "AssumeRolePolicyDocument": quote(ANYTHING),
    "InstanceProfileList": [{"Arn": ARN + "instance-profile/app", "Roles": []}],
    "RolePolicyList": [],
    "AttachedManagedPolicies": [],
    "RoleLastUsed": {},
}


def _read(**lists: Any) -> AuthorizationDetails:
    details = AuthorizationDetails()
    details.add(lists)
    return details


def test_a_user() -> None:
    assert _read(UserDetailList=[USER]).users == (
        User(
            name="alice",
            id="AIDA1",
            arn=ARN + "user/team/alice",
            path="/team/",
            created=CREATED,
            groups=("dev",),
            attached=(ARN + "policy/p",),
            tags={"owner": "bob@example.org"},
        ),
    )


def test_a_user_with_inline_policies_and_a_boundary() -> None:
    entry = {
        **USER,
        "UserPolicyList": [{"PolicyName": "x", "PolicyDocument": {"Statement": []}}],
        "PermissionsBoundary": {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": ARN + "policy/b",
        },
    }
    (user,) = _read(UserDetailList=[entry]).users
    assert user.inline == (InlinePolicy("x", '{"Statement":[]}'),)
    assert user.boundary == ARN + "policy/b"


def test_a_group() -> None:
    entry = {
        "Path": "/",
        "GroupName": "dev",
        "GroupId": "AGPA1",
        "Arn": ARN + "group/dev",
        "CreateDate": "2024-05-06T07:08:09Z",
        "GroupPolicyList": [],
        "AttachedManagedPolicies": [],
    }
    assert _read(GroupDetailList=[entry]).groups == (
        Group("dev", "AGPA1", ARN + "group/dev", "/", CREATED),
    )


def test_a_role() -> None:
    used = {**ROLE, "RoleId": "AROA2", "RoleLastUsed": {"LastUsedDate": CREATED, "Region": "x"}}
    first, second = _read(RoleDetailList=[ROLE, used]).roles
    assert first == Role(
        name="app",
        id="AROA1",
        arn=ARN + "role/app",
        path="/",
        created=CREATED,
        trust=ANYTHING,
        instance_profiles=(ARN + "instance-profile/app",),
    )
    assert second.last_used == CREATED


def test_policies_are_told_apart_by_who_keeps_them() -> None:
    theirs = {**POLICY, "PolicyId": "ANPA2", "Arn": "arn:aws-cn:iam::aws:policy/x/ReadOnly"}
    details = _read(Policies=[POLICY, theirs])
    assert details.part(Part.CUSTOMER_POLICIES) == (
        ManagedPolicy(
            arn=ARN + "policy/p",
            name="p",
            path="/",
            id="ANPA1",
            by_aws=False,
            versions=(PolicyVersion("v1", ANYTHING, is_default=True, created=CREATED),),
            attachments=3,
            boundaries=0,
        ),
    )
    (by_aws,) = details.part(Part.AWS_POLICIES)
    assert isinstance(by_aws, ManagedPolicy)
    assert by_aws.by_aws


@pytest.mark.parametrize(
    ("arn", "kept"),
    [
        (ARN + "policy/p", ["v1", "v2", "v3", "v4", "v5", "v6", "v7"]),
        ("arn:aws:iam::aws:policy/p", ["v1", "v3", "v4", "v5", "v6", "v7"]),
    ],
)
def test_old_versions_are_kept_where_somebody_could_choose_them(arn: str, kept: list[str]) -> None:
    """Of AWS's own the five newest show what changed lately; v1 is the one in force."""
    newer = (
        {
            **VERSION,
            "VersionId": f"v{number}",
            "IsDefaultVersion": False,
            "CreateDate": CREATED + timedelta(days=number),
        }
        for number in range(2, 8)
    )
    details = _read(Policies=[{**POLICY, "Arn": arn, "PolicyVersionList": [VERSION, *newer]}])
    policies = details.part(Part.CUSTOMER_POLICIES) + details.part(Part.AWS_POLICIES)
    assert isinstance(policies[0], ManagedPolicy)
    assert [version.id for version in policies[0].versions] == kept
    assert policies[0].attachable


def test_what_aws_lets_nobody_attach_is_known() -> None:
    details = _read(Policies=[{**POLICY, "IsAttachable": False}])
    (policy,) = details.part(Part.CUSTOMER_POLICIES) + details.part(Part.AWS_POLICIES)
    assert isinstance(policy, ManagedPolicy)
    assert not policy.attachable


def test_who_comes_twice_counts_once_as_seen_last() -> None:
    """Pages are no snapshot: what changes between them can be on both."""
    details = _read(UserDetailList=[USER])
    details.add({"UserDetailList": [{**USER, "GroupList": ["ops"]}]})
    (user,) = details.users
    assert user.groups == ("ops",)
    assert len(details) == 1


def test_equal_documents_are_kept_once() -> None:
    inline = [{"PolicyName": "x", "PolicyDocument": {"Statement": []}}]
    entries = [{**USER, "UserId": f"AIDA{n}", "UserPolicyList": inline} for n in range(3)]
    users = _read(UserDetailList=entries).users
    assert len({id(user.inline[0].text) for user in users}) == 1


@pytest.mark.parametrize(
    ("lists", "place"),
    [
        ({"UserDetailList": [USER, {"UserName": "bob"}]}, "UserDetailList[1] (bob): "),
        ({"UserDetailList": ["bob"]}, "UserDetailList[0]"),
        ({"UserDetailList": {"bob": 1}}, "UserDetailList is no list"),
        (
            {"RoleDetailList": [{**ROLE, "AssumeRolePolicyDocument": "{"}]},
            "RoleDetailList[0] (app)",
        ),
        ({"RoleDetailList": [{**ROLE, "CreateDate": "soon"}]}, "RoleDetailList[0] (app)"),
        ({"RoleDetailList": [{**ROLE, "CreateDate": "2024-01-01"}]}, "zone"),
        ({"Policies": [{**POLICY, "PolicyVersionList": []}]}, "no version of the policy"),
        ({"Policies": [{**POLICY, "Arn": "p"}]}, "Policies[0] (p)"),
    ],
    ids=str,
)
def test_what_cannot_be_read_is_named(lists: dict[str, Any], place: str) -> None:
    with pytest.raises(DetailsError) as caught:
        _read(**lists)
    assert place in str(caught.value)


@pytest.mark.parametrize(
    "bad", [None, 7, "", "2024-01-01T00:00:00", CREATED.replace(tzinfo=None)], ids=repr
)
def test_times_need_their_zone(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"time|iso"):
        moment(bad)
