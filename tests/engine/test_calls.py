"""A call that lacks whom it means, or that AWS doesn't know, is refused before anything is done."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.engine.calls import IDENTITIES, WRITES, unfit_plan, unfit_read, unfit_write
from bot.model import Call, Expect, Json, Operator, TooEarly
from tests.engine.plans import deactivate_key, iam, plan
from tests.engine.samples import KEY, samples

EVERY = samples()


def test_there_is_an_example_of_every_write() -> None:
    """A write that is added to the list has to be added to these proofs."""
    assert set(EVERY) == {
        f"{service}:{name}" for service, names in WRITES.items() for name in names
    }


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY.keys())
def test_a_complete_call_is_fit(call: Call) -> None:
    assert unfit_write(call) is None


@pytest.mark.parametrize(
    "early", [TooEarly("", "must"), TooEarly(" ", "must"), TooEarly("DeleteConflict", " ")]
)
def test_what_says_too_early_names_a_code_and_its_words(early: TooEarly) -> None:
    """A blank would fit every message."""
    fit = replace(EVERY["iam:DeleteRole"], too_early=(TooEarly("DeleteConflict", "must"),))

    assert unfit_write(fit) is None
    assert "a code and its words" in str(unfit_write(replace(fit, too_early=(early,))))


def test_no_read_comes_too_early() -> None:
    read = iam("GetRole", RoleName="app")

    assert unfit_read(read) is None
    assert unfit_read(replace(read, too_early=(TooEarly("NoSuchEntity", "role"),)))


def _without_identity() -> Iterator[object]:
    for name, call in EVERY.items():
        for parameter in IDENTITIES:
            if parameter in call.params:
                for shown, value in (("missing", None), ("empty", ""), ("blank", "  ")):
                    yield pytest.param(call, parameter, value, id=f"{name} {parameter} {shown}")


@pytest.mark.parametrize(("call", "parameter", "value"), list(_without_identity()))
def test_a_call_without_whom_it_means_is_never_sent(
    call: Call, parameter: str, value: str | None
) -> None:
    """AWS would take the caller: "disable Bob's key" would disable our own."""
    params = {name: given for name, given in call.params.items() if name != parameter}
    if value is not None:
        params[parameter] = value
    reason = unfit_write(replace(call, params=params))
    assert reason is not None
    assert parameter in reason


@pytest.mark.parametrize(
    ("call", "said"),
    [
        pytest.param(
            iam("CreateLoginProfile", UserName="sam", Password="x"),
            "not among",
            id="makes a password",
        ),
        pytest.param(iam("CreateUser", UserName="sam"), "not among", id="makes a user"),
        pytest.param(Call("organizations", "LeaveOrganization"), "not among", id="organization"),
        pytest.param(Call("sts", "AssumeRoot", {}), "not among", id="root session"),
        pytest.param(iam("GetUser", UserName="sam"), "not among", id="a read is no write"),
        pytest.param(iam("DoMagic"), "not among", id="unknown operation"),
        pytest.param(
            Call(
                "organizations",
                "DisableAWSServiceAccess",
                {"ServicePrincipal": "cloudtrail.amazonaws.com"},
            ),
            "only IAM's",
            id="another service's trusted access",
        ),
        pytest.param(
            Call("iam", "DeleteLoginProfile", {"UserName": "sam"}, root_of="210987654321"),
            "about a user",
            id="a member's user",
        ),
        pytest.param(
            Call("iam", "CreateAccessKey", {}, root_of="210987654321"),
            "not among",
            id="makes a root key",
        ),
        pytest.param(
            Call("iam", "DeleteLoginProfile", {}, root_of=""), "number", id="root of nobody"
        ),
        pytest.param(
            Call("iam", "DeleteAccessKey", {"AccessKeyId": " "}, root_of="210987654321"),
            "AccessKeyId",
            id="no key of root's",
        ),
        pytest.param(
            Call("iam", "DeleteLoginProfile", {}), "UserName", id="our own, if not as root"
        ),
        pytest.param(
            Call(
                "account",
                "DeleteAlternateContact",
                {"AlternateContactType": "SECURITY", "AccountId": "210987654321"},
            ),
            "beyond this account",
            id="another account's contact",
        ),
        pytest.param(
            Call(
                "sqs",
                "SetQueueAttributes",
                {"QueueUrl": "https://q", "Attributes": {"Policy": "{}", "DelaySeconds": "1"}},
            ),
            "only the policy",
            id="another attribute of a queue",
        ),
        pytest.param(
            Call(
                "sns",
                "SetTopicAttributes",
                {"TopicArn": "arn", "AttributeName": "DisplayName", "AttributeValue": "x"},
            ),
            "only the policy",
            id="another attribute of a topic",
        ),
        pytest.param(
            iam("UpdateAccessKey", UserName="sam", AccessKeyId=KEY, Status="off"),
            "Active, Inactive",
            id="a word that AWS doesn't know",
        ),
        pytest.param(
            iam("UpdateAccessKey", UserName="sam", AccessKeyId=KEY), "Status", id="incomplete"
        ),
        pytest.param(
            iam("DeleteLoginProfile", UserName="sam", Force=True), "Force", id="unknown parameter"
        ),
        pytest.param(
            iam("TagUser", UserName="sam", Tags=[{"Key": 1, "Value": "b"}]),
            "Invalid type",
            id="a number for a text",
        ),
    ],
)
def test_what_is_not_on_the_list_or_malformed_is_never_sent(call: Call, said: str) -> None:
    assert said in (unfit_write(call) or "")


def test_an_output_counts_as_said() -> None:
    arn: Json = {"$output": "make.arn"}
    assert unfit_write(iam("AttachUserPolicy", UserName="sam", PolicyArn=arn)) is None


def test_only_reads_are_used_to_look() -> None:
    assert unfit_read(iam("ListUsers")) is None
    assert "not a read" in (unfit_read(iam("DeleteUser", UserName="sam")) or "")
    assert "not known" in (unfit_read(iam("GetMagic")) or "")


def test_a_plan_is_judged_with_its_undo_and_its_looks() -> None:
    good = deactivate_key("carol", KEY)
    assert unfit_plan(plan(good)) is None
    wrong_undo = replace(good, undo=iam("UpdateAccessKey", AccessKeyId=KEY, Status="Active"))
    assert "without UserName" in (unfit_plan(plan(wrong_undo)) or "")
    looks_by_writing = replace(
        good, after=(Expect(iam("DeleteUser", UserName="x"), "a", Operator.ABSENT),)
    )
    assert "not a read" in (unfit_plan(plan(looks_by_writing)) or "")
    bad_path = replace(good, before=(Expect(iam("ListUsers"), "Users[", Operator.ABSENT),))
    assert "not a JMESPath" in (unfit_plan(plan(bad_path)) or "")
