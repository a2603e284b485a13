"""The same snapshot from files: what auditors have, however they exported it."""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import pytest

from bot.aws.connection import AwsConnection
from bot.aws.inventory import take_snapshot
from bot.aws.offline import read_offline
from bot.aws.reading import plain
from bot.aws.simulated import AccountBuilder
from bot.errors import InputError, PartNotReadError
from bot.model import Account, Part, Protection, Snapshot
from tests.conftest import plain_id

DETAILS = frozenset(
    {Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES}
)
FILES = {
    "authorization_details": DETAILS,
    "credential_report": frozenset({Part.CREDENTIAL_REPORT}),
    "account_summary": frozenset({Part.ACCOUNT_SUMMARY}),
    "password_policy": frozenset({Part.PASSWORD_POLICY}),
}
NAME = 'a@b,c+d="<b>'


@pytest.fixture
def company(account: AccountBuilder) -> AccountBuilder:
    """An account with something of every kind that files hold."""
    account.password_policy(length=10)
    account.group("dev")
    account.attach(account.aws_policy("ReadOnlyAccess"), group="dev")
    account.user("alice", groups=["dev"], tags={"owner": "x"})
    account.user("c,d+e@f=.g")
    account.key("c,d+e@f=.g", created=account.ago(days=9), last_used=account.ago(days=1))
    account.password("alice", last_used=account.ago(days=3))
    account.attach(account.policy("p", {"Version": "2012-10-17", "Statement": []}), user="alice")
    account.inline("i", {"Version": "2012-10-17", "Statement": []}, user="alice")
    account.role("app", trust={"Version": "2012-10-17", "Statement": []})
    return account


@pytest.fixture
def exported(company: AccountBuilder, tmp_path: Path) -> dict[str, Path]:
    """What the AWS CLI writes for the account."""
    iam: Any = boto3.client("iam", region_name="us-east-1")
    iam.generate_credential_report()
    report = iam.get_credential_report()
    pages = iam.get_paginator("get_account_authorization_details").paginate()
    answers = {
        "authorization_details": pages.build_full_result(),
        "credential_report": {
            **report,
            "Content": base64.b64encode(report["Content"]).decode(),
        },
        "account_summary": iam.get_account_summary(),
        "password_policy": iam.get_account_password_policy(),
    }
    paths = {}
    for name, answer in answers.items():
        answer.pop("ResponseMetadata", None)
        paths[name] = tmp_path / f"{name}.json"
        paths[name].write_text(json.dumps(plain(answer), indent=4))
    return paths


@pytest.fixture
def offline(now: datetime) -> Callable[..., Snapshot]:
    """Read a snapshot from files."""

    def read(**files: Path) -> Snapshot:
        return read_offline(clock=lambda: now, protection=Protection(), **files)  # type: ignore[arg-type]

    return read


def _details(**lists: Any) -> dict[str, Any]:
    arn = "arn:aws-cn:iam::210987654321:user/alice"
    user = {
        "Path": "/",
        "UserName": "alice",
        "UserId": "AIDA1",
        "Arn": arn,
        "CreateDate": "2024-01-02T03:04:05+00:00",
    }
    return {"UserDetailList": [user], **lists}


def _written(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_files_and_a_live_scan_give_the_same_parts(
    exported: dict[str, Path],
    offline: Callable[..., Snapshot],
    connection: AwsConnection,
    now: datetime,
) -> None:
    live = take_snapshot(
        connection,
        frozenset(Part),
        clock=lambda: now,
        protection=Protection(),
        progress=lambda _: None,
    )
    snapshot = offline(**exported)
    assert snapshot.offline
    assert snapshot.account == live.account
    assert snapshot.taken_at == now
    for part in frozenset().union(*FILES.values()):
        assert snapshot.parts[part] == live.parts[part], part


def test_what_is_not_given_is_said(
    exported: dict[str, Path], offline: Callable[..., Snapshot]
) -> None:
    snapshot = offline(authorization_details=exported["authorization_details"])
    assert set(snapshot.parts) == DETAILS
    assert set(snapshot.unavailable) == frozenset(Part) - DETAILS - {
        Part.KEY_NAMES,
        Part.SIGN_INS,
        Part.MFA_DEVICES,
        Part.BELONGINGS,
        Part.SERVICE_USE,
        Part.LAST_ACCESS,
        Part.POLICY_DENIALS,
        Part.POLICY_USE,
    }
    for part, missing in snapshot.unavailable.items():
        assert not missing.given
        assert missing.part is part
        assert "not given" in missing.error
    assert "--credential-report" in snapshot.unavailable[Part.CREDENTIAL_REPORT].error
    with pytest.raises(PartNotReadError):
        _ = snapshot.credential_report


def test_the_bare_csv_has_no_age(
    exported: dict[str, Path], offline: Callable[..., Snapshot], tmp_path: Path
) -> None:
    wrapper = json.loads(exported["credential_report"].read_text())
    bare = tmp_path / "report.csv"
    bare.write_bytes(base64.b64decode(wrapper["Content"]))
    wrapped = offline(**exported).credential_report
    snapshot = offline(**{**exported, "credential_report": bare})
    assert snapshot.credential_report.generated is None
    assert wrapped.generated is not None
    assert snapshot.credential_report.users == wrapped.users


@pytest.mark.parametrize("name", ["account_summary", "password_policy"])
def test_the_inner_object_alone_will_do(
    exported: dict[str, Path], offline: Callable[..., Snapshot], name: str
) -> None:
    whole = offline(**exported)
    (inner,) = json.loads(exported[name].read_text()).values()
    exported[name].write_text(json.dumps(inner))
    (part,) = FILES[name]
    assert offline(**exported).parts[part] == whole.parts[part]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_that_shells_write(
    exported: dict[str, Path], offline: Callable[..., Snapshot], encoding: str
) -> None:
    whole = offline(**exported)
    for path in exported.values():
        path.write_bytes(path.read_text().encode(encoding))
    assert offline(**exported).parts == whole.parts


@pytest.mark.parametrize(
    "encode", [quote, json.dumps, lambda text: text], ids=["url", "json", "text"]
)
def test_documents_may_be_encoded_text(
    offline: Callable[..., Snapshot], tmp_path: Path, encode: Callable[[str], str]
) -> None:
    document = {"Statement": [{"Action": "s3:*", "Resource": "arn:aws:s3:::a+b/%7B"}]}
    given: Any = document if encode is json.dumps else encode(json.dumps(document))
    role = {
        "Path": "/",
        "RoleName": "app",
        "RoleId": "AROA1",
        "Arn": "arn:aws-cn:iam::210987654321:role/app",
        "CreateDate": "2024-01-02T03:04:05Z",
        "AssumeRolePolicyDocument": given,
    }
    path = _written(tmp_path / "a.json", _details(RoleDetailList=[role]))
    (read,) = offline(authorization_details=path).roles
    assert json.loads(read.trust) == document


def test_account_and_partition_come_from_the_arns(
    offline: Callable[..., Snapshot], tmp_path: Path
) -> None:
    path = _written(tmp_path / "a.json", _details())
    assert offline(authorization_details=path).account == Account("210987654321", "aws-cn")


def test_kinds_that_the_export_left_out_are_unavailable(
    exported: dict[str, Path], offline: Callable[..., Snapshot]
) -> None:
    """With --filter User the file shows groups and policies by name, but not them."""
    path = exported["authorization_details"]
    data = json.loads(path.read_text())
    path.write_text(json.dumps({"UserDetailList": data["UserDetailList"]}))
    snapshot = offline(authorization_details=path)
    assert {Part.GROUPS, Part.CUSTOMER_POLICIES} <= set(snapshot.unavailable)
    assert "--filter" in snapshot.unavailable[Part.GROUPS].error
    assert len(snapshot.users) == 2


def test_five_thousand_users_with_any_names(
    offline: Callable[..., Snapshot], tmp_path: Path
) -> None:
    users = [
        {
            "Path": "/",
            "UserName": f"{NAME}{number}",
            "UserId": f"AIDA{number}",
            "Arn": f"arn:aws:iam::210987654321:user/{NAME}{number}",
            "CreateDate": "2024-01-02T03:04:05Z",
            "UserPolicyList": [
                {"PolicyName": "x", "PolicyDocument": {"Statement": [{"Sid": f"{number % 7}"}]}}
            ],
        }
        for number in range(5000)
    ]
    snapshot = offline(
        authorization_details=_written(tmp_path / "a.json", {"UserDetailList": users})
    )
    assert len(snapshot.users_by_name) == 5000
    assert snapshot.users[17].name == f"{NAME}17"
    assert len({id(user.inline[0].text) for user in snapshot.users}) == 7


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "line 1, column 1"),
        ('{"UserDetailList": [\n  {"Path": "/",\n', "line 3"),
        ("[]", "JSON object"),
        ("{}", "no authorization details"),
        ('{"SummaryMap": {"Users": 1}}', "no authorization details"),
        ({"UserDetailList": []}, "name none"),
        ({"UserDetailList": [{"UserName": "bob"}]}, "UserDetailList[0] (bob)"),
        ({"UserDetailList": 7}, "UserDetailList is no list"),
        (_details(IsTruncated=True, Marker="m"), "only the first"),
        (_details(NextToken="t"), "only the first"),
        (
            _details(
                GroupDetailList=[
                    {
                        "Path": "/",
                        "GroupName": "dev",
                        "GroupId": "AGPA1",
                        "Arn": "arn:aws:iam::111122223333:group/dev",
                        "CreateDate": "2024-01-02T03:04:05Z",
                        "GroupPolicyList": [{"PolicyName": "x", "PolicyDocument": {}}],
                    }
                ]
            ),
            "111122223333, 210987654321",
        ),
        (
            _details(
                GroupDetailList=[
                    {
                        "Path": "/",
                        "GroupName": "dev",
                        "GroupId": "AGPA1",
                        "Arn": "arn:aws-cn:iam::210987654321:group/dev",
                        "CreateDate": "2024-01-02T03:04:05Z",
                        "GroupPolicyList": [{"PolicyName": "x", "PolicyDocument": "%7Bnot json"}],
                    }
                ]
            ),
            "GroupDetailList[0] (dev): the policy document is not JSON",
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_details_are_named_with_file_and_place(
    offline: Callable[..., Snapshot], tmp_path: Path, content: Any, words: str
) -> None:
    path = _written(tmp_path / "auth.json", content)
    with pytest.raises(InputError) as caught:
        offline(authorization_details=path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("credential_report", "", "line 1"),
        ("credential_report", "user,arn\nalice,arn:x\n", "no column"),
        ("credential_report", "{}", "no Content"),
        ("credential_report", {"Content": "dXNl*"}, "cut off"),
        ("credential_report", {"Content": "dXNlcg=="}, "no column"),
        ("credential_report", '{"Content": "dXN', "line 1"),
        ("account_summary", "{}", "empty"),
        ("account_summary", {"SummaryMap": []}, "empty"),
        ("account_summary", {"SummaryMap": {"Users": "many"}}, "Users is 'many'"),
        ("password_policy", {"PasswordPolicy": {"RequireSymbols": True}}, "MinimumPasswordLength"),
        ("password_policy", {"MinimumPasswordLength": "long"}, "no whole number"),
        ("password_policy", {"MinimumPasswordLength": 8, "HardExpiry": "no"}, "HardExpiry"),
        ("password_policy", "null", "JSON object"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_other_bad_files_are_named_with_file_and_place(
    exported: dict[str, Path],
    offline: Callable[..., Snapshot],
    name: str,
    content: Any,
    words: str,
) -> None:
    _written(exported[name], content)
    with pytest.raises(InputError) as caught:
        offline(**exported)
    assert str(exported[name]) in str(caught.value)
    assert words in str(caught.value)
    assert caught.value.hint


def test_a_report_cut_off_in_the_middle_is_an_error(
    exported: dict[str, Path], offline: Callable[..., Snapshot]
) -> None:
    wrapper = json.loads(exported["credential_report"].read_text())
    text = base64.b64decode(wrapper["Content"]).decode()
    _written(exported["credential_report"], text[: len(text) * 2 // 3])
    with pytest.raises(InputError, match="cut off"):
        offline(**exported)


def test_files_of_two_accounts_are_refused(
    exported: dict[str, Path], offline: Callable[..., Snapshot], tmp_path: Path
) -> None:
    other = _written(tmp_path / "other.json", _details())
    with pytest.raises(InputError, match="account 210987654321"):
        offline(**{**exported, "authorization_details": other})


def test_a_file_that_is_not_there(offline: Callable[..., Snapshot], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        offline(authorization_details=tmp_path / "nowhere.json")


def test_a_file_that_is_no_text(offline: Callable[..., Snapshot], tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"\x80\x81\x82")
    with pytest.raises(InputError, match="not text"):
        offline(authorization_details=path)


@pytest.mark.parametrize(
    ("lists", "kept"),
    [
        ({"UserDetailList"}, {Part.USERS}),
        ({"RoleDetailList"}, {Part.ROLES}),
        ({"UserDetailList", "GroupDetailList"}, {Part.USERS, Part.GROUPS}),
        ({"UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"}, DETAILS),
    ],
    ids=plain_id,
)
@pytest.mark.parametrize("emptied", [False, True], ids=["left out", "emptied"])
def test_a_filtered_export_gives_only_what_it_holds(
    exported: dict[str, Path],
    offline: Callable[..., Snapshot],
    lists: set[str],
    kept: set[Part],
    emptied: bool,
) -> None:
    path = exported["authorization_details"]
    data = json.loads(path.read_text())
    if emptied:
        kinds = {name: value if name in lists else [] for name, value in data.items()}
    else:
        kinds = {name: value for name, value in data.items() if name in lists}
    path.write_text(json.dumps(kinds))
    snapshot = offline(authorization_details=path)
    if emptied and lists == {"RoleDetailList"}:
        kept = DETAILS  # nothing in the file shows that the rest was left out
    assert set(snapshot.parts) == kept
