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


def test_what_locksmith_and_aws_placed_is_known_by_name() -> None:
    """Fences and quarantine policies are left alone by the controls."""
    assert is_placed_by_locksmith("Locksmith-ConsoleFence")
    assert not is_placed_by_locksmith("locksmith-console")
    assert is_quarantine("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3")
    assert not is_quarantine(f"{IAM}:policy/Quarantine")
