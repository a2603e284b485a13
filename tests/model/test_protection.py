"""Who is never touched."""

import pytest

from bot.model import Protection, is_placed_by_locksmith, is_quarantine

IAM = "arn:aws:iam::111122223333"
PROTECTION = Protection(
    break_glass=(f"{IAM}:user/break-glass-*",),
    protected=(f"{IAM}:role/payments/*",),
    own=(f"{IAM}:role/locksmith",),
)


@pytest.mark.parametrize(
    ("arn", "reason"),
    [
        (f"{IAM}:role/locksmith", "own identity"),
        (f"{IAM}:user/break-glass-1", "break-glass"),
        (f"{IAM}:role/payments/worker", "protected list"),
        (f"{IAM}:root", "root user"),
        (f"{IAM}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", "service-linked"),
        (
            f"{IAM}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_1",
            "Identity Center",
        ),
        (f"{IAM}:role/AWSControlTowerExecution", "Control Tower"),
        (f"{IAM}:role/stacksets-exec-1", "StackSets"),
        (f"{IAM}:role/OrganizationAccountAccessRole", "organization"),
        (f"{IAM}:role/cdk-hnb659fds-deploy-role", "CDK"),
    ],
)
def test_protected_identities_have_a_reason(arn: str, reason: str) -> None:
    """The reason is shown to whoever asked."""
    assert reason in (PROTECTION.reason_for(arn) or "")


@pytest.mark.parametrize(
    "arn",
    [
        f"{IAM}:user/alice",
        f"{IAM}:user/AWSControlTowerFan",
        f"{IAM}:user/aws-service-role/impostor",
        f"{IAM}:role/my-aws-service-role",
        f"{IAM}:role/team/aws-reserved/x",
        f"{IAM}:role/locksmith-2",
        "arn:aws:iam::444455556666:user/break-glass-1",
        f"{IAM}:role/pay",
    ],
)
def test_look_alikes_are_not_protected(arn: str) -> None:
    """A name that resembles a protected one gives no shelter."""
    assert PROTECTION.reason_for(arn) is None


def test_empty_lists_protect_nothing_of_the_customers() -> None:
    """Empty means none, not everything."""
    assert Protection().reason_for(f"{IAM}:user/alice") is None


@pytest.mark.parametrize(
    ("protection", "arn"),
    [
        pytest.param(
            Protection(break_glass=("arn:aws:iam::*:user/break-glass-*",)),
            f"{IAM}:user/emergency/break-glass-1",
            id="break-glass, pattern without the path",
        ),
        pytest.param(
            Protection(protected=(f"{IAM}:role/payer",)),
            f"{IAM}:role/a/b/payer",
            id="protected role below two folders",
        ),
        pytest.param(Protection(protected=(f"{IAM}:group/ops",)), f"{IAM}:group/x/ops", id="group"),
        pytest.param(
            Protection(protected=(f"{IAM}:policy/base-?",)), f"{IAM}:policy/x/base-1", id="policy"
        ),
        pytest.param(Protection(own=(f"{IAM}:role/bot",)), f"{IAM}:role/x/bot", id="own"),
        pytest.param(
            Protection(own=(f"{IAM}:role/x/bot",)), f"{IAM}:role/bot", id="own, seen without it"
        ),
    ],
)
def test_the_path_may_be_left_out(protection: Protection, arn: str) -> None:
    """A pattern that silently misses its break-glass user would be no protection."""
    assert protection.reason_for(arn)


@pytest.mark.parametrize(
    "arn",
    [
        f"{IAM}:user/emergency/ann",
        f"{IAM}:role/emergency",
        f"{IAM}:mfa/x/emergency",
        "arn:aws:s3:::user/x/emergency",
    ],
)
def test_without_the_path_the_name_must_still_match(arn: str) -> None:
    """The path's folders are not the name, and only IAM's identities and policies have paths."""
    wanted = (f"{IAM}:user/emergency", f"{IAM}:mfa/emergency", "arn:aws:s3:::user/emergency")
    assert Protection(break_glass=wanted, own=wanted).reason_for(arn) is None


def test_patterns_that_mean_nobody_are_told() -> None:
    """Each once, in their order; those that match with or without a path are left out."""
    protection = Protection(
        break_glass=(f"{IAM}:user/bg-*", f"{IAM}:user/typo"),
        protected=(f"{IAM}:role/pay/*", f"{IAM}:user/typo", f"{IAM}:role/gone"),
        own=(f"{IAM}:role/locksmith",),
    )
    arns = (arn for arn in (f"{IAM}:user/x/bg-1", f"{IAM}:role/pay/worker"))
    assert protection.unmatched(arns) == (f"{IAM}:user/typo", f"{IAM}:role/gone")
    assert Protection().unmatched(()) == ()


def test_fences_are_known_by_name() -> None:
    """Whatever is named so is not written to."""
    assert is_placed_by_locksmith("Locksmith-ConsoleFence")
    assert not is_placed_by_locksmith("locksmith-console")


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantine", True),
        ("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3", True),
        ("arn:aws-us-gov:iam::aws:policy/AWSCompromisedKeyQuarantineV2", True),
        (f"{IAM}:policy/Quarantine", False),
        (f"{IAM}:policy/AWSCompromisedKeyQuarantine-mine", False),
        (f"{IAM}:policy/x:iam::aws:policy/AWSCompromisedKeyQuarantineV3", False),
        ("arn:aws:iam::aws:policy/mine/AWSCompromisedKeyQuarantine", False),
        ("AWSCompromisedKeyQuarantineV3", False),
        ("", False),
    ],
)
def test_only_awss_own_policy_is_a_quarantine(arn: str, expected: bool) -> None:
    """A customer's policy of such a name can neither hide nor stand for one."""
    assert is_quarantine(arn) is expected
