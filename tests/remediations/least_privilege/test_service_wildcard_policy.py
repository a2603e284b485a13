"""Policies that allow all of a service are found, and not those that only look like it."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Protection, Severity
from remediations.least_privilege import service_wildcard_policy as control
from tests.remediations.acting import snapshot_of
from tests.remediations.people import found


def allowing(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A document of one Allow."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def seed(account: AccountBuilder) -> None:
    """A role whose own policy allows all of S3."""
    account.role("etl")
    account.attach(account.policy("etl", allowing(["s3:*", "logs:PutLogEvents"])), role="etl")


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


DENIED = allowing("s3:*")
DENIED["Statement"].append({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})
PARTLY_DENIED = allowing("s3:*")
PARTLY_DENIED["Statement"].append({"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"})


@pytest.mark.parametrize(
    ("document", "services"),
    [
        pytest.param(allowing("s3:*"), ["s3"], id="all of S3"),
        pytest.param(allowing("S3:*"), ["s3"], id="another case"),
        pytest.param(allowing(["sqs:*", "s3:**", "ec2:Run*"]), ["s3", "sqs"], id="two of three"),
        pytest.param(allowing("s3:*", "arn:aws:s3:*"), ["s3"], id="all ARNs of S3"),
        pytest.param(allowing("s3:*", "arn:aws:s3:::b/*"), [], id="one bucket"),
        pytest.param(allowing("s3:Get*"), [], id="a prefix"),
        pytest.param(allowing("s3:?*"), [], id="nearly all"),
        pytest.param(allowing("*"), [], id="everything, which is another control's"),
        pytest.param(allowing("s3*:*"), [], id="services by pattern"),
        pytest.param(DENIED, [], id="taken back"),
        pytest.param(PARTLY_DENIED, ["s3"], id="taken back in part"),
        pytest.param(
            {
                "Version": "2012-10-17",
                "Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
            },
            [],
            id="a Deny",
        ),
        pytest.param(
            allowing("s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
            ["s3"],
            id="under a condition",
        ),
    ],
)
@pytest.mark.parametrize("inline", [True, False])
def test_what_counts(
    account: AccountBuilder, document: dict[str, Any], services: list[str], inline: bool
) -> None:
    """Inline and managed alike."""
    account.role("r,+@'<!channel>")
    if inline:
        account.inline("p", document, role="r,+@'<!channel>")
    else:
        account.attach(account.policy("p", document), role="r,+@'<!channel>")
    seen = found(control, snapshot_of(account))
    assert [each.evidence["services"] for each in seen] == ([services] if services else [])


def test_named_resources_where_they_are_asked_for(account: AccountBuilder) -> None:
    account.role("r")
    account.inline("p", allowing("s3:*", "arn:aws:s3:::b/*"), role="r")
    assert not found(control, snapshot_of(account))
    assert found(control, snapshot_of(account), named_resources_too=True)


@pytest.mark.parametrize("inline", [True, False])
def test_who_and_what_is_meant(account: AccountBuilder, inline: bool) -> None:
    if inline:
        account.role("etl")
        account.inline("own", allowing("s3:*"), role="etl")
    else:
        seed(account)
    snapshot = snapshot_of(account)
    assert not found(control, snapshot, allowed=["*:role/etl"])
    assert not found(control, snapshot, allowed_services=["S3"])
    assert found(control, snapshot, allowed_services=["sqs"])
    glass = Protection(break_glass=("*:role/etl",))
    assert not found(control, snapshot_of(account, glass))


def test_who_holds_it_decides_how_bad_it_is(account: AccountBuilder) -> None:
    """One that nobody has is low; one that is a boundary only gives nothing."""
    arn = account.policy("p", allowing("s3:*"))
    (finding,) = found(control, snapshot_of(account))
    assert finding.severity is Severity.LOW
    account.user("u", boundary=arn)
    assert not found(control, snapshot_of(account))
    account.attach(arn, user="u")
    (finding,) = found(control, snapshot_of(account))
    assert (finding.severity, finding.evidence["reaches"]) == (Severity.MEDIUM, ["user u"])


def test_the_steps_name_what_hands_out_rights(account: AccountBuilder) -> None:
    seed(account)
    snapshot = snapshot_of(account)
    (finding,) = found(control, snapshot)
    fix = control.plan(finding, snapshot, control.CONTROL.settings())
    assert isinstance(fix, Manual)
    assert any("s3:PutBucketPolicy" in step for step in fix.steps)
    assert any("s3:*" in step for step in fix.steps)


def test_of_a_service_that_hands_out_nothing_the_work_is_all(account: AccountBuilder) -> None:
    account.role("reader")
    account.inline("own", allowing("polly:*"), role="reader")
    snapshot = snapshot_of(account)
    (finding,) = found(control, snapshot)
    fix = control.plan(finding, snapshot, control.CONTROL.settings())
    assert "List the actions of polly that the work needs" in fix.steps
