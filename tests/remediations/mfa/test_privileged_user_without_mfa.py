"""Who is privileged is judged by what a password alone lets them do."""

from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import CONSOLE_FENCE, MFA_FENCE, Finding, Plan, Protection, Risk, Severity
from remediations.mfa import console_user_without_mfa
from remediations.mfa import privileged_user_without_mfa as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.mfa.powers import (
    ADMIN,
    ADMIN_ROLE,
    EVERYTHING,
    LIMIT,
    PRESENT,
    able,
    given,
    rights,
    role,
    says,
)
from tests.remediations.people import ACCOUNT, Person, ago, found, planned, seen

NAME = "root+of,all@example.org"


def seed(account: AccountBuilder, used: timedelta = timedelta(days=1)) -> None:
    """Somebody who may attach policies to anyone, through a group, and has no MFA."""
    account.group("leads")
    account.inline(
        "hand-out",
        {"Version": "2012-10-17", "Statement": [says("Allow", "iam:AttachUserPolicy")]},
        group="leads",
    )
    account.user(NAME, path="/people/", created=account.ago(days=300), groups=["leads"])
    account.password(NAME, changed=account.ago(days=60), last_used=account.now - used)


def plan_just_within(account: AccountBuilder) -> None:
    """The last sign-in was 45 days ago."""
    seed(account, timedelta(days=45))


def plan_just_beyond(account: AccountBuilder) -> None:
    """A second longer ago."""
    seed(account, timedelta(days=45, seconds=1))


def one_found(one: Person, **more: Any) -> list[Finding]:
    """What the control sees of this person."""
    settings = more.pop("settings", {})
    return found(control, seen(one, parts=rights(**more)), **settings)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([EVERYTHING], True, id="everything"),
        pytest.param([says("Allow", "iam:Attach*")], True, id="by a pattern"),
        pytest.param(
            [says("Allow", "iam:PutUserPolicy", "arn:aws:iam::*:user/*")], True, id="on all users"
        ),
        pytest.param(
            [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], True, id="power user"
        ),
        pytest.param([says("Allow", ["s3:*", "ec2:*"])], False, id="two services"),
        pytest.param([says("Allow", ["iam:Get*", "iam:List*"])], False, id="reads IAM"),
        pytest.param(
            [says("Allow", "iam:*AccessKey*", ACCOUNT.iam_arn("user/${aws:username}"))],
            False,
            id="own keys, by a variable",
        ),
        pytest.param(
            [says("Allow", "iam:*", ACCOUNT.iam_arn("user/alice"))], False, id="own user, by name"
        ),
        pytest.param(
            [says("Allow", "iam:PassRole", ACCOUNT.iam_arn("role/app"))], False, id="one role"
        ),
        pytest.param([EVERYTHING, says("Deny", "*")], False, id="denied again"),
        pytest.param(
            [
                EVERYTHING,
                says("Deny", "*", **given("StringNotEquals", "aws:RequestedRegion", "eu-west-1")),
            ],
            True,
            id="denied in some Regions",
        ),
        pytest.param(
            [says("Allow", "*", **given("IpAddress", "aws:SourceIp", "192.0.2.0/24"))],
            False,
            id="allowed from one network",
        ),
    ],
)
def test_what_makes_privileged(statements: list[dict[str, Any]], expected: bool) -> None:
    """One sensitive action on anything of its kind."""
    assert bool(one_found(able(*statements))) is expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([says("Allow", "*", **given("Bool", PRESENT, "true"))], False, id="Bool"),
        pytest.param(
            [says("Allow", "*", **given("BoolIfExists", PRESENT, "true"))], False, id="IfExists"
        ),
        pytest.param(
            [says("Allow", "*", **given("NumericLessThan", "aws:MultiFactorAuthAge", "3600"))],
            False,
            id="age",
        ),
        pytest.param(
            [EVERYTHING, says("Deny", "*", **given("BoolIfExists", PRESENT, "false"))],
            False,
            id="denied without MFA",
        ),
        pytest.param(
            [EVERYTHING, says("Deny", "*", **given("Bool", PRESENT, "false"))],
            False,
            id="denied without MFA, in sessions",
        ),
        pytest.param(
            [EVERYTHING, says("Deny", "s3:*", **given("BoolIfExists", PRESENT, "false"))],
            True,
            id="buckets denied without MFA",
        ),
        pytest.param(
            [EVERYTHING, says("Deny", "*", **given("Bool", PRESENT, "true"))],
            True,
            id="turned round by mistake",
        ),
    ],
)
def test_rights_that_take_mfa_are_not_had_without(
    statements: list[dict[str, Any]], expected: bool
) -> None:
    """Such a user is still a person without MFA, but not a privileged one."""
    one = able(*statements)
    assert bool(one_found(one)) is expected
    assert found(console_user_without_mfa, seen(one))


def test_groups_and_boundaries_count_and_names_do_not() -> None:
    """A group called admins gives nothing; one called readers may give everything."""
    assert one_found(able(groups=("readers",)), groups={"readers": ADMIN})
    assert not one_found(able(groups=("admins",)), groups={"admins": LIMIT})
    assert one_found(able(attached=(ADMIN,)))
    assert not one_found(able(attached=(ADMIN,), boundary=LIMIT))
    assert one_found(able(attached=(ADMIN,), boundary=LIMIT), limit=EVERYTHING)


ASSUME = says("Allow", "sts:AssumeRole")
ACCOUNT_ROOT = {"AWS": ACCOUNT.iam_arn("root")}


@pytest.mark.parametrize(
    ("statements", "trusts", "condition", "expected"),
    [
        pytest.param([ASSUME], ACCOUNT_ROOT, {}, True, id="the account is trusted"),
        pytest.param([ASSUME], {"AWS": ACCOUNT.id}, {}, True, id="by its number"),
        pytest.param([], ACCOUNT_ROOT, {}, False, id="but the user may not"),
        pytest.param([], {"AWS": ACCOUNT.iam_arn("user/alice")}, {}, True, id="named itself"),
        pytest.param(
            [says("Deny", "sts:*")],
            {"AWS": ACCOUNT.iam_arn("user/alice")},
            {},
            False,
            id="named, but denied",
        ),
        pytest.param([ASSUME], {"AWS": ACCOUNT.iam_arn("user/bob")}, {}, False, id="another's"),
        pytest.param([ASSUME], {"Service": "ec2.amazonaws.com"}, {}, False, id="a service's"),
        pytest.param(
            [ASSUME], ACCOUNT_ROOT, given("Bool", PRESENT, "true"), False, id="with MFA only"
        ),
        pytest.param(
            [ASSUME],
            ACCOUNT_ROOT,
            given("IpAddress", "aws:SourceIp", "192.0.2.0/24"),
            False,
            id="from one network only",
        ),
        pytest.param(
            [says("Allow", "sts:AssumeRole", ACCOUNT.iam_arn("role/other"))],
            ACCOUNT_ROOT,
            {},
            False,
            id="another role only",
        ),
    ],
)
def test_roles_that_a_user_may_take_on(
    statements: list[dict[str, Any]], trusts: Any, condition: dict[str, Any], expected: bool
) -> None:
    """What the role may do, the user may."""
    assert ADMIN_ROLE.endswith("admin")
    seen_of = one_found(able(*statements), roles=(role(trusts, **condition),))
    assert [finding.evidence["may_take_on"] for finding in seen_of] == (
        [["admin"]] if expected else []
    )
    weak = role(trusts, says("Allow", "s3:*"), **condition)
    assert not one_found(able(*statements), roles=(weak,))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, True, id="password without MFA"),
        pytest.param({"mfa": True}, False, id="has MFA"),
        pytest.param({"password": False}, False, id="a program, without a password"),
        pytest.param({"password": None}, False, id="not supported"),
    ],
)
def test_who_is_found(facts: dict[str, Any], expected: bool) -> None:
    """Of those with all rights."""
    assert bool(one_found(able(EVERYTHING, **facts))) is expected


def test_break_glass_is_spared_and_protected_is_reported() -> None:
    """A break-glass user may well have no device at hand."""
    one = able(EVERYTHING)
    for protection, expected in (
        (Protection(break_glass=(one.user.arn,)), 0),
        (Protection(protected=(one.user.arn,)), 1),
    ):
        snapshot = seen(one, parts=rights(), protection=protection)
        assert len(found(control, snapshot)) == expected


def test_what_is_sensitive_is_a_setting() -> None:
    """An action of your own, on everything; malformed ones are no actions."""
    one = able(says("Allow", "s3:PutBucketPolicy"))
    assert not one_found(one)
    (finding,) = one_found(one, settings={"sensitive_actions": ("s3:PutBucketPolicy",)})
    assert finding.evidence["may"] == ["s3:PutBucketPolicy"]
    for wrong in ("s3", "s3:*", "", "iam:Put*"):
        with pytest.raises(ValueError, match="pattern"):
            control.CONTROL.settings(sensitive_actions=(wrong,))


def test_it_asks_in_the_place_of_the_general_control() -> None:
    """One question about one password, the worse one."""
    snapshot = seen(able(EVERYTHING), parts=rights())
    (mine,), (general,) = found(control, snapshot), found(console_user_without_mfa, snapshot)
    assert mine.subject == general.subject
    assert mine.severity is Severity.CRITICAL
    assert general.control in control.CONTROL.supersedes


@pytest.mark.parametrize(
    ("used", "name"), [(ago(1), MFA_FENCE), (ago(46), CONSOLE_FENCE)], ids=["active", "dormant"]
)
def test_the_fence(used: Any, name: str) -> None:
    """Enrolling is open to whoever signs in, and not to whoever comes after a long silence."""
    fix = planned(control, seen(able(EVERYTHING, used=used, changed=ago(80)), parts=rights()))
    assert isinstance(fix, Plan)
    assert fix.steps[0].do.params["PolicyName"] == name
    assert fix.risk is Risk.DISRUPTIVE


def test_a_document_that_nobody_can_read_hides_no_other() -> None:
    """It is left out, and all others count."""
    one = able(EVERYTHING, inline={"broken": "{", "own": '{"Version":"2012-10-17","Statement":[]}'})
    assert not one_found(one)
    assert one_found(able(inline={"broken": "{"}, attached=(ADMIN,)))


def test_who_enrolled_meanwhile_is_not_fenced() -> None:
    """Whatever kind of device it is."""
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        assert acting.broken(fix.steps[0].before) == []
        account.mfa(NAME, kind="fido")
        assert any("has an MFA device" in why for why in acting.broken(fix.steps[0].before))
