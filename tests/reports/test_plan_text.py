"""Plans for people: exact calls, nothing hidden."""

import json
from dataclasses import replace

import pytest

from bot.model import Call, Json, Plan, TooEarly
from bot.reports.plan_text import call_text, plan_lines
from tests.reports.printing import printed
from tests.reports.samples import ACCOUNT, BY_HAND, DEACTIVATE, DELETE, FINAL_PLAN, KEY_ID, PLAN


@pytest.mark.parametrize(
    ("params", "shown"),
    [
        ({"UserName": "ann", "N": 3}, 'iam.Op(UserName="ann", N=3)'),
        ({}, "iam.Op()"),
        ({"A": True, "B": None}, "iam.Op(A=True, B=None)"),
        ({"Tags": [{"Key": "a", "Value": 'q"'}]}, 'iam.Op(Tags=[{"Key": "a", "Value": "q\\""}])'),
        ({"Id": {"$output": "make.arn"}}, "iam.Op(Id=<output of make.arn>)"),
        ({"UserName": "a\u202eb\x1b"}, 'iam.Op(UserName="a\\u202eb\\u001b")'),
    ],
)
def test_a_call_is_written_as_python_would(params: dict[str, Json], shown: str) -> None:
    assert call_text(Call("iam", "Op", params)) == shown


def test_a_regional_call_names_its_region() -> None:
    call = Call("cloudtrail", "StartLogging", {}, "eu-west-1")

    assert call_text(call) == "cloudtrail.StartLogging() in eu-west-1"


def test_a_plan_shows_calls_expectations_undo_risk_and_digest() -> None:
    text = " ".join(printed(plan_lines(PLAN, digest=PLAN.digest())).split())

    assert "Deactivate ann's access key" in text
    assert "risk: reversible" in text
    update = f'iam.UpdateAccessKey(UserName="ann", AccessKeyId="{KEY_ID}", Status="{{}}")'
    assert f"call {update.format('Inactive')}" in text
    assert f"undo {update.format('Active')}" in text
    assert 'Status | [0] is "Active", by iam.ListAccessKeys(UserName="ann")' in text
    assert "What could break - whatever still signs in with it" in text
    assert f"digest {PLAN.digest()}" in text


def test_after_which_refusals_a_call_is_made_again() -> None:
    early = TooEarly("NoSuchEntity", "The role with name")
    step = replace(DEACTIVATE, do=replace(DEACTIVATE.do, too_early=(early,)))
    text = " ".join(printed(plan_lines(replace(PLAN, steps=(step,)), digest=None)).split())

    said = "again, for a while, where AWS answers NoSuchEntity, “The role with name”"
    assert text.count(said) == 1
    assert text.index(said) < text.index("undo iam.")


def test_what_can_not_be_undone_says_why() -> None:
    text = printed(plan_lines(FINAL_PLAN, digest=FINAL_PLAN.digest()))

    assert "risk: irreversible" in text
    assert "none: AWS never gives a deleted key back" in text


def test_every_step_is_shown() -> None:
    both = Plan(ACCOUNT, KEY_ID, (DEACTIVATE, DELETE), "Both")
    text = printed(plan_lines(both, digest=both.digest()))

    assert "1. Deactivate the access key" in text
    assert "2. Delete the access key" in text


@pytest.mark.parametrize(
    ("needs", "said"), [("key_id", "not named yet"), ("live_account", "made from files")]
)
def test_without_a_digest_it_says_what_is_missing(needs: str, said: str) -> None:
    text = printed(plan_lines(PLAN, digest=None, needs=needs))

    assert said in text
    assert "sha256" not in text


def _with_document(document: str) -> Plan:
    do = Call("iam", "PutUserPolicy", {"UserName": "ann", "PolicyDocument": document})
    return replace(PLAN, steps=(replace(DEACTIVATE, do=do),))


def test_a_policy_document_is_laid_out_below_its_call() -> None:
    plan = _with_document(json.dumps({"Statement": [{"Effect": "Deny", "Action": "*"}]}))
    text = printed(plan_lines(plan, digest=plan.digest()))

    assert 'iam.PutUserPolicy(UserName="ann", PolicyDocument=…)' in text
    assert '"Effect": "Deny",\n' in text


def test_a_document_with_a_name_given_twice_is_shown_as_it_is() -> None:
    plan = _with_document('{"Action": "*", "Action": "iam:GetUser"}')
    text = " ".join(printed(plan_lines(plan, digest=plan.digest())).split())

    assert r'PolicyDocument="{\"Action\": \"*\", \"Action\": \"iam:GetUser\"}"' in text


def test_advice_lists_its_steps_and_how_it_is_proved() -> None:
    text = printed(plan_lines(BY_HAND, digest=BY_HAND.digest()))

    assert "AWS has no API for root's MFA." in text
    assert "1. Sign in as root" in text
    assert "https://docs.aws.amazon.com/root" in text
    assert "`locksmith scan` looks again" in text


def test_long_advice_is_indented_below_its_own_text() -> None:
    advice = replace(BY_HAND, reason="Locksmith won't.", steps=("word " * 30, "y"))

    lines = [line.rstrip() for line in printed(plan_lines(advice, digest=None)).splitlines()]

    assert lines[1] == "Locksmith won't."
    assert lines[3].startswith("  1. word")
    assert lines[4].startswith("     word")
    assert lines[5] == "  2. y"
