"""All of a kind of resource, written as a policy does."""

import pytest

from bot.policy import SERVICE_WAYS, all_of_kind, may_be_about


@pytest.mark.parametrize(
    ("action", "kind", "expected"),
    [
        ("lambda:UpdateFunctionCode", "function", "arn:aws-cn:lambda:*:123456789012:function:*"),
        ("ssm:SendCommand", "instance", "arn:aws-cn:ec2:*:123456789012:instance/*"),
        ("ecs:ExecuteCommand", "task", "arn:aws-cn:ecs:*:123456789012:task/*/*"),
        ("s3:GetObject", "object", "arn:aws-cn:s3:::*/*"),
        ("lambda:UpdateFunctionCode", "instance", None),
        ("sts:GetCallerIdentity", "role", None),
        ("lambda:NoSuchAction", "function", None),
    ],
)
def test_it_is_written_for_one_account(action: str, kind: str, expected: str | None) -> None:
    assert all_of_kind(action, kind, account_id="123456789012", partition="aws-cn") == expected


def test_each_way_through_what_is_there_names_a_kind_that_its_actions_are_about() -> None:
    """Else it would count whatever the resources are."""
    there = [way for way in SERVICE_WAYS if not way.passes]

    assert there
    for way in there:
        patterns = [
            all_of_kind(action, way.kind, account_id="1", partition="aws") for action in way.actions
        ]
        assert any(patterns), way.name


@pytest.mark.parametrize(
    ("action", "pattern", "expected"),
    [
        ("lambda:CreateFunction", "*", True),
        ("lambda:CreateFunction", "arn:aws:lambda:*:*:function:shop-*", True),
        ("lambda:CreateFunction", "arn:aws:lambda:eu-west-1:999999999999:function:shop", False),
        ("lambda:CreateFunction", "arn:aws:iam::123456789012:role/other", False),
        ("sts:GetCallerIdentity", "arn:aws:iam::123456789012:role/other", True),
        ("lambda:NoSuchAction", "arn:aws:iam::123456789012:role/other", True),
    ],
)
def test_a_pattern_may_be_about_something_else(action: str, pattern: str, expected: bool) -> None:
    said = may_be_about(action, pattern, account_id="123456789012", partition="aws")
    assert said is expected
