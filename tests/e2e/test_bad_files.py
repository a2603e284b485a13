"""Files that are cut off, damaged or of the wrong kind: never half a truth."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.commands import Locksmith
from tests.e2e.exports import DETAILS, POLICY, REPORT, SUMMARY, Files, Offline, without_wrappers

_ANOTHER = b"999988887777"


def cut(name: str, share: float) -> Callable[[Files], Files]:
    """A file that ends in the middle."""
    return lambda files: {**files, name: files[name][: int(len(files[name]) * share)]}


def cut_report(share: float) -> Callable[[Files], Files]:
    """A report as CSV that ends in the middle."""
    return lambda files: cut(REPORT, share)(without_wrappers(files))


def cut_inside(files: Files) -> Files:
    """A whole wrapper around a report that was cut before it was wrapped."""
    wrapper = json.loads(files[REPORT])
    content = base64.b64decode(wrapper["Content"])[:-30]
    wrapper["Content"] = base64.b64encode(content).decode()
    return {**files, REPORT: json.dumps(wrapper).encode()}


def instead(name: str, content: bytes) -> Callable[[Files], Files]:
    """Another content."""
    return lambda files: {**files, name: content}


def changed(name: str, **fields: Any) -> Callable[[Files], Files]:
    """Fields of the JSON object set, or left out for None."""

    def change(files: Files) -> Files:
        data = {**json.loads(files[name]), **fields}
        kept = {key: value for key, value in data.items() if value is not None}
        return {**files, name: json.dumps(kept).encode()}

    return change


@pytest.mark.parametrize(
    ("spoil", "file", "said"),
    [
        (cut(DETAILS, 0.5), DETAILS, "line"),
        (cut(REPORT, 0.5), REPORT, "line 2"),
        (cut_report(0.01), REPORT, "line 1"),
        (cut_report(0.5), REPORT, "line"),
        (cut_report(0.99), REPORT, "line"),
        (cut_inside, REPORT, "line"),
        (instead(DETAILS, b""), DETAILS, "line 1"),
        (instead(DETAILS, b"[]"), DETAILS, "object"),
        (instead(DETAILS, b"{}"), DETAILS, "UserDetailList"),
        (instead(DETAILS, b"\x00\xff\x17\x80"), DETAILS, "not text"),
        (changed(DETAILS, IsTruncated=True, Marker="x"), DETAILS, "first"),
        (changed(DETAILS, UserDetailList="none"), DETAILS, "UserDetailList"),
        (changed(DETAILS, UserDetailList=[{"UserName": "ann"}]), DETAILS, "UserDetailList"),
        (changed(SUMMARY, SummaryMap={}), SUMMARY, "SummaryMap"),
        (changed(SUMMARY, SummaryMap={"Users": "many"}), SUMMARY, ""),
        (changed(POLICY, PasswordPolicy={"MinimumPasswordLength": "long"}), POLICY, ""),
        (changed(REPORT, Content="%%%"), REPORT, "cut off or damaged"),
    ],
    ids=[
        "details-cut", "report-cut", "csv-cut-in-its-header", "csv-cut-in-a-row",
        "csv-cut-in-its-last-row", "csv-cut-before-wrapping", "empty", "a-list", "nothing-in-it",
        "not-text", "first-page", "users-no-list", "half-a-user", "summary-empty",
        "summary-no-number", "policy-no-number", "report-not-base64",
    ],
)  # fmt: skip
def test_a_file_that_is_no_use(
    spoil: Callable[[Files], Files],
    file: str,
    said: str,
    exported: Files,
    unsigned: Locksmith,
    offline: Offline,
) -> None:
    """Exit code 2 with the file's name and the place; half a file is never half a truth."""
    unsigned(*offline(spoil(exported))).failed(2, f"{file}.export", said)

    assert not unsigned.database.exists() or not unsigned.json("findings")["findings"]


def test_files_of_two_accounts(exported: Files, unsigned: Locksmith, offline: Offline) -> None:
    """A report of another account says nothing about this one."""
    report = without_wrappers(exported)[REPORT].replace(b"123456789012", _ANOTHER)

    unsigned(*offline({**exported, REPORT: report})).failed(2, "999988887777", "123456789012")


def test_a_file_that_is_not_there(unsigned: Locksmith) -> None:
    """Its name is said, and a folder is no file."""
    for name in ("nowhere.json", "."):
        unsigned("scan", "--authorization-details", name).failed(2, name)


@pytest.mark.parametrize(
    "document", ["{not json", quote("{not json"), "%7B%22Version%22", 17, ["a"], ""], ids=repr
)
@pytest.mark.parametrize("kind", ["user", "trust", "managed"])
def test_a_policy_that_is_not_json(
    kind: str,
    document: Any,
    exported: Files,
    unsigned: Locksmith,
    offline: Offline,
) -> None:
    """What it allows is not known, so nothing is: exit code 2 with whose policy it is."""
    details = json.loads(exported[DETAILS])
    if kind == "user":
        whose = next(each for each in details["UserDetailList"] if each.get("UserPolicyList"))
        whose["UserPolicyList"][0]["PolicyDocument"] = document
    elif kind == "trust":
        whose = details["RoleDetailList"][-1]
        whose["AssumeRolePolicyDocument"] = document
    else:
        whose = details["Policies"][-1]
        whose["PolicyVersionList"][0]["Document"] = document
    name = next(whose[key] for key in ("UserName", "RoleName", "PolicyName") if key in whose)

    broken = unsigned(*offline({**exported, DETAILS: json.dumps(details).encode()}))

    broken.failed(2, f"{DETAILS}.export", name, "policy document")
