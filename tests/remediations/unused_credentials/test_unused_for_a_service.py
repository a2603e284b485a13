"""SSH keys and credentials for one service, judged by when their user last tried the service."""

from collections.abc import Mapping
from datetime import datetime
from types import ModuleType
from typing import Any

import pytest

from bot.model import Part, Plan, Risk, ServiceCredential, Snapshot, UserCredential
from remediations.unused_credentials import unused_service_specific_credential, unused_ssh_key
from tests.remediations.people import ago, found, person, planned, seen

Report = Mapping[str, datetime | None]
both = pytest.mark.parametrize("control", [unused_ssh_key, unused_service_specific_credential])


def one(
    reports: Mapping[str, Report] | None,
    *,
    made: datetime | None = None,
    active: bool = True,
    service: str = "codecommit.amazonaws.com",
    expires: datetime | None = None,
) -> Snapshot:
    """Alice's one credential of each kind, and what AWS's reports tell of users."""
    created = made or ago(400)
    parts: dict[Part, Any] = {
        Part.SSH_KEYS: (UserCredential("APKA1", "AIDAALICE", active, created),),
        Part.SERVICE_CREDENTIALS: (
            ServiceCredential("ACCA1", "alice", service, active, created, expires),
        ),
        **({} if reports is None else {Part.SERVICE_USE: reports}),
    }
    return seen(person(), parts=parts)


def said(used: datetime | None) -> Mapping[str, Report]:
    """Alice's report with this last try of CodeCommit."""
    return {"AIDAALICE": {"codecommit": used, "s3": ago(1)}}


@both
@pytest.mark.parametrize(
    ("reports", "facts", "expected"),
    [
        pytest.param(said(None), {}, True, id="never tried"),
        pytest.param(said(ago(90, seconds=1)), {}, True, id="just beyond"),
        pytest.param(said(ago(90)), {}, False, id="at the limit"),
        pytest.param(said(ago(1)), {}, False, id="in use"),
        pytest.param(said(None), {"made": ago(90)}, False, id="too young to tell"),
        pytest.param(said(None), {"active": False}, False, id="off already"),
        pytest.param({"AIDAALICE": {"s3": None}}, {}, False, id="service not in the report"),
        pytest.param({"AIDAALICE": {}}, {}, False, id="empty report"),
        pytest.param({}, {}, False, id="user gone meanwhile"),
        pytest.param(None, {}, True, id="candidate, before AWS is asked"),
    ],
)
def test_which_are_found(
    control: ModuleType, reports: Any, facts: dict[str, Any], expected: bool
) -> None:
    assert bool(found(control, one(reports, **facts))) is expected


@both
@pytest.mark.parametrize(
    ("used", "when"),
    [
        pytest.param(ago(120), "last tried codecommit 120 days ago", id="long ago"),
        pytest.param(None, "never tried codecommit", id="never"),
    ],
)
def test_it_says_when_the_service_was_tried(
    control: ModuleType, used: datetime | None, when: str
) -> None:
    (finding,) = found(control, one(said(used)))
    assert f"and {when}, as far as AWS knows" in finding.summary


@pytest.mark.parametrize(
    ("service", "namespace"),
    [
        ("cassandra.amazonaws.com", "cassandra"),
        ("bedrock.amazonaws.com", "bedrock"),
        ("logs.amazonaws.com", "logs"),
        ("codecommit.amazonaws.com.cn", "codecommit"),
    ],
)
def test_each_service_goes_by_its_own_tries(service: str, namespace: str) -> None:
    """Bedrock's use says nothing of Keyspaces."""
    control = unused_service_specific_credential
    others = dict.fromkeys(("cassandra", "bedrock", "logs", "codecommit"), ago(1))
    assert not found(control, one({"AIDAALICE": others}, service=service))
    assert found(control, one({"AIDAALICE": {**others, namespace: ago(91)}}, service=service))


def test_one_that_has_expired_works_no_more() -> None:
    control = unused_service_specific_credential
    assert not found(control, one(said(None), expires=ago(1)))
    assert found(control, one(said(None), expires=ago(-1)))


@both
def test_it_is_switched_off_after_its_owner_was_asked(control: ModuleType) -> None:
    """AWS doesn't say that its reports count every protocol, so something could stop."""
    fix = planned(control, one(said(None)))
    assert isinstance(fix, Plan)
    (step,) = fix.steps
    assert step.risk is Risk.DISRUPTIVE
    assert step.undo is not None
    assert (step.do.params["Status"], step.undo.params["Status"]) == ("Inactive", "Active")
