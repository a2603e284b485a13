"""`policy`: what documents allow, of AWS and of files."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.errors import ExitCode
from tests.cli.conftest import Shell

ARN = "arn:aws:iam::123456789012:policy/readers"


def document(**statement: Any) -> dict[str, Any]:
    whole = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*", **statement}
    return {"Version": "2012-10-17", "Statement": [whole]}


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(document(Action=["s3:*", "iam:PassRole"])))
    return str(path)


def test_a_summary_of_a_file_and_of_aws(shell: Shell, file: str) -> None:
    shell.service.policies[ARN] = document()

    outcome = shell("policy", "summary", file)
    assert outcome.code == ExitCode.FINE
    lines = [line.split() for line in outcome.out.splitlines()]
    # Write by AWS, Permissions management by us
    assert ["iam", "limited", "limited", "all", "no"] in lines
    assert ["s3", "full", "full", "full", "full", "full", "all", "no"] in lines
    summary = shell("--output", "json", "policy", "summary", ARN).document()
    assert summary["levels"]["s3"]["Read"] is False
    assert summary["resources"]["s3"]["Read"] == "all"
    assert summary["conditions"]["s3"]["Read"] == "no"


def test_a_summary_tells_services_apart(shell: Shell) -> None:
    """All of one bucket is not all of S3; what differs within a service has rows of its own."""
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    one = document(Action="s3:*", Resource=["arn:aws:s3:::one", "arn:aws:s3:::one/*"])
    two = document(Action=["sqs:ListQueues", "ec2:DescribeRegions"])
    three = document(Action="sqs:SendMessage", Resource="arn:aws:sqs:*:*:q", Condition=mfa)
    statements = [each["Statement"][0] for each in (one, two, three)]
    shell.service.policies[ARN] = {**one, "Statement": statements}

    lines = [line.split() for line in shell("policy", "summary", ARN).out.splitlines()]
    assert ["s3", "full", "full", "full", "full", "full", "some", "no"] in lines
    assert ["ec2", "limited", "all", "no"] in lines
    assert ["sqs", "limited", "all", "no"] in lines
    assert ["sqs", "limited", "some", "yes"] in lines
    summary = shell("--output", "json", "policy", "summary", ARN).document()
    assert summary["resources"]["sqs"] == {"Read": "all", "Write": "some"}
    assert summary["conditions"]["sqs"] == {"Read": "no", "Write": "yes"}


def test_what_a_change_gives_and_takes(shell: Shell, file: str) -> None:
    shell.service.policies[ARN] = document()

    wider = shell("policy", "compare", ARN, file)
    assert wider.code == ExitCode.FINDINGS
    assert "wider" in wider.out
    assert "iam:PassRole" in wider.out
    narrower = shell("policy", "compare", file, ARN)
    assert narrower.code == ExitCode.FINE
    assert "narrower" in narrower.out
    assert "later additions to s3:*" in narrower.out
    same = shell("--output", "json", "policy", "compare", ARN, ARN).document()
    assert (same["relation"], same["lost"], same["gained"]) == ("the same rights", [], [])


def test_an_explanation_names_what_hands_out_rights(shell: Shell, file: str) -> None:
    outcome = shell("policy", "explain", file)

    assert outcome.code == ExitCode.FINE
    assert "Allows s3:* and iam:PassRole on every resource." in outcome.out
    assert "iam:PassRole: it hands a role's rights" in outcome.out


def test_stdin_is_a_file_too(shell: Shell) -> None:
    outcome = shell("policy", "explain", "-", answers=json.dumps(document(Effect="Deny")))

    assert "Denies s3:Get* on every resource." in outcome.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "can't be read"),
        ('{"Version": "2012-10-17"}', "no Statement"),
        ("[]", "can't be read"),
    ],
)
def test_what_is_no_policy(shell: Shell, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text)

    outcome = shell("policy", "summary", str(path))

    assert outcome.code not in (ExitCode.FINE, ExitCode.FINDINGS)
    assert said in outcome.err


def test_what_is_not_there(shell: Shell) -> None:
    assert "No such file" in shell("policy", "summary", "nowhere.json").err
    assert "knows no policy" in shell("policy", "summary", ARN).err
