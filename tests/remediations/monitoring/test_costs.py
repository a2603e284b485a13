"""Each plan about monitoring says its Region, what it writes to, and what that costs a month."""

from collections.abc import Iterator

import pytest

from bot import registry
from bot.model import AnyControl, Json, Plan
from remediations.monitoring._costs import where
from remediations.monitoring._trails import EVERY_TRAIL, own_trails
from tests.remediations import contract
from tests.remediations.monitoring.test_no_multi_region_trail import trail
from tests.remediations.test_contract import CONTROLS, module_of

MONITORING = {name: each for name, each in CONTROLS.items() if each.topic == "monitoring"}
#: What looks at trails without being asked to. What it would change still waits for somebody's yes,
#: or for a rule that names it.
ON_AT_FIRST = {"no-multi-region-trail", "trail-not-logging", "trail-without-log-validation"}
#: The parameters of calls that name a bucket, a key, a log group or a topic.
_PLACES = frozenset(
    {
        "Bucket",
        "TargetBucket",
        "S3BucketName",
        "s3BucketName",
        "KmsKeyId",
        "logGroupName",
        "AlarmActions",
        "destinationResourceArn",
    }
)


def _used(params: Json) -> Iterator[str]:
    """The names of buckets, keys, log groups and topics in a call's parameters."""
    if isinstance(params, list):
        for each in params:
            yield from _used(each)
    if isinstance(params, dict):
        for key, value in params.items():
            if key in _PLACES:
                yield from [value] if isinstance(value, str) else map(str, value or ())
            else:
                yield from _used(value)


def _buckets(case: contract.Seeded) -> Iterator[str]:
    """The buckets of trails and recorders that the plan changes: their calls don't name them."""
    services = {step.do.service for step in case.plan.steps}
    if "cloudtrail" in services:
        named = {step.do.params.get("Name") for step in case.plan.steps}
        trails = [each for each in own_trails(case.snapshot) if {each.name, each.arn} & named]
        assert trails, "the plan is about a trail that is not there"
        yield from (each.bucket for each in trails)
    if "config" in services:
        regions = {step.do.region for step in case.plan.steps}
        yield from (
            each.bucket
            for region, each in case.snapshot.recorders.items()
            if each is not None and each.bucket and region in regions
        )


def _said(plan: Plan) -> str:
    return " ".join((plan.summary, *plan.breaks))


def test_nothing_is_on_at_first_but_what_looks_at_trails() -> None:
    on = {name for name, each in MONITORING.items() if each.settings().enabled}
    assert on == ON_AT_FIRST
    assert {part for name in on for part in MONITORING[name].needs} == EVERY_TRAIL


@pytest.mark.parametrize("control", MONITORING.values(), ids=MONITORING)
def test_plans_say_where_and_what_it_costs_a_month(control: AnyControl) -> None:
    with contract.seeded(control, module_of(control), CONTROLS) as case:
        said = _said(case.plan)
        regions = {
            step.do.region or "us-east-1"
            for step in case.plan.steps
            if not _is_iam(step.do.service)
        }
        used = {
            *_buckets(case),
            *(name for step in case.plan.steps for name in _used(step.do.params)),
        }
    assert "month" in said
    assert {region for region in regions if region not in said} == set()
    assert {name for name in used if name.rpartition(":")[2] not in said} == set()


def _is_iam(service: str) -> bool:
    """Which is the same in each Region."""
    return service == "iam"


@pytest.mark.parametrize("control", sorted(ON_AT_FIRST))
def test_the_pages_say_who_must_have_said_yes(control: str) -> None:
    changes = " ".join(registry.documentation(CONTROLS[control])["Changes"].split())
    assert "unless somebody approves this very plan" in changes
    assert "or a rule of yours names this control" in changes
    assert "month" in changes


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"bucket": "files"}, "eu-west-1, with its files in the bucket files"),
        (
            {"bucket": "files", "key": "K"},
            "eu-west-1, with its files in the bucket files, encrypted with K",
        ),
        ({}, "eu-west-1, with its files in the bucket it has"),
    ],
)
def test_where_a_trail_writes(facts: dict[str, str], expected: str) -> None:
    assert where(trail(**facts)) == expected
