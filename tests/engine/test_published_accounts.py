"""Accounts that others published for their own tools: read whole, and what is wrong is found.

What is expected was read from the files by hand, and agrees with what their publishers say of them.
Where the files come from, and their licenses: `tests/data/published/README.md`.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from bot import registry
from bot.aws.offline import read_offline
from bot.engine.planner import Evaluation, evaluate
from bot.errors import InputError
from bot.model import Manual, Part, Plan, Protection, Snapshot
from bot.policy import Proof, Verdict, decide
from remediations._rights import RightsReader

PUBLISHED = Path(__file__).parents[1] / "data" / "published"
SUMMARY = PUBLISHED / "cloudmapper-summary.json"
TODAY = datetime(2026, 11, 29, tzinfo=UTC)
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList")
#: Retired policies of AWS's, and those that took their place.
SUCCESSORS = {
    "AWSCloudTrailFullAccess": "AWSCloudTrail_FullAccess",
    "AWSLambdaFullAccess": "AWSLambda_FullAccess",
}
ENABLED = registry.controls({})


def account(details: Path, **more: Path) -> Snapshot:
    return read_offline(
        authorization_details=details, clock=lambda: TODAY, protection=Protection(), **more
    )


def seen(evaluation: Evaluation, *controls: str) -> set[tuple[str, str]]:
    return {
        (each.control.id, each.finding.resource.name)
        for each in evaluation.seen
        if each.control.id in controls
    }


def of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PUBLISHED / name).read_text())
    return found


def with_aws_policies(content: dict[str, Any]) -> dict[str, Any]:
    """With those of AWS's policies that are attached, as the simulated account serves them."""
    known = json.loads(aws_managed_policies_data)
    attached = {
        each["PolicyArn"]: each["PolicyName"]
        for name in LISTS
        for holder in content[name]
        for each in holder["AttachedManagedPolicies"]
        if ":iam::aws:policy/" in each["PolicyArn"]
    }
    for arn, name in attached.items():
        source = known[SUCCESSORS.get(name, name)]
        created = source["CreateDate"]
        version = {"VersionId": "v1", "IsDefaultVersion": True, "CreateDate": created}
        content["Policies"].append(
            {
                "PolicyName": name,
                "PolicyId": f"ANPA{name}",
                "Arn": arn,
                "Path": "/",
                "CreateDate": created,
                "DefaultVersionId": "v1",
                "PolicyVersionList": [{**version, "Document": source["Document"]}],
            }
        )
    return content


def with_an_id_of_its_own(content: dict[str, Any]) -> dict[str, Any]:
    content["RoleDetailList"][0]["RoleId"] = "AROAOFBADROLE"
    return content


FILES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "cloudsplaining.json": with_aws_policies,
    "cloudsplaining-overrides.json": lambda content: content,
    "cloudmapper.json": with_an_id_of_its_own,
}


def _account_of(name: str, folder: Path) -> Snapshot:
    path = folder / name
    path.write_text(json.dumps(FILES[name](of(name))))
    return account(path, account_summary=SUMMARY)


@pytest.fixture(params=FILES)
def snapshot(request: pytest.FixtureRequest, tmp_path: Path) -> Snapshot:
    return _account_of(request.param, tmp_path)


def test_every_control_looks_or_says_what_it_lacks(snapshot: Snapshot) -> None:
    """No control fails on it: whatever looked not has a part that no file gave."""
    evaluation = evaluate(snapshot, ENABLED)
    assert len(evaluation.evaluated) > 30
    assert all(why.endswith("was not given") for why in evaluation.not_evaluated.values())


def test_every_finding_has_a_fix(snapshot: Snapshot) -> None:
    """A plan, or in words what people do, wherever all that it needs was given."""
    for each in evaluate(snapshot, ENABLED).seen:
        if not each.control.plan_needs - snapshot.parts.keys():
            fix = each.control.plan(each.finding, snapshot, each.enabled.settings)
            assert isinstance(fix, Plan | Manual)
            assert fix.steps


def test_what_cloudsplaining_s_example_is_about(tmp_path: Path) -> None:
    """Administrators, keys of others, credentials and data in reach, inline policies."""
    evaluation = evaluate(_account_of("cloudsplaining.json", tmp_path), ENABLED)
    assert seen(evaluation, "full-admin-policy") == {
        ("full-admin-policy", "obama"),
        ("full-admin-policy", "admin"),
    }
    assert seen(evaluation, "privilege-escalation-path") == {
        ("privilege-escalation-path", "OverprivilegedEC2"),
        ("privilege-escalation-path", "MyRole"),
        ("privilege-escalation-path", "MyOtherRole"),
    }
    assert seen(evaluation, "credentials-exposure", "service-wildcard-policy") == {
        ("credentials-exposure", "OverprivilegedEC2"),
        ("service-wildcard-policy", "ExcessivePermissions"),
        ("service-wildcard-policy", "admin"),
    }
    assert seen(evaluation, "data-exfiltration") == {
        ("data-exfiltration", name)
        for name in (
            *("ExcessivePermissions", "userwithlotsofpermissions", "admin", "biden"),
            "OverprivilegedEC2",
        )
    }
    assert seen(evaluation, "inline-policy-on-user", "empty-group", "unused-role") == {
        ("inline-policy-on-user", "userwithlotsofpermissions"),
        ("empty-group", "biden"),
        ("unused-role", "MyRole"),
        ("unused-role", "MyOtherRole"),
    }
    by_name = {
        each.finding.resource.name: each.finding.summary
        for each in evaluation.seen
        if each.control.id == "privilege-escalation-path"
    }
    assert "iam:CreateAccessKey for obama" in by_name["OverprivilegedEC2"]
    assert "iam:PassRole of OverprivilegedEC2 to ec2.amazonaws.com" in by_name["MyRole"]


def test_what_cloudsplaining_s_overrides_are_about(tmp_path: Path) -> None:
    evaluation = evaluate(_account_of("cloudsplaining-overrides.json", tmp_path), ENABLED)
    assert seen(evaluation, "full-admin-policy", "service-wildcard-policy") == {
        ("full-admin-policy", "GOATGroup"),
        ("full-admin-policy", "GOATRole"),
        ("service-wildcard-policy", "NotYourPolicy"),
    }
    assert seen(evaluation, "data-exfiltration") == {
        ("data-exfiltration", name)
        for name in ("PolicyForTestingOverrides", "GOATRole", "MyOtherRole")
    }


def test_what_cloudmapper_s_demo_is_about(tmp_path: Path) -> None:
    """A role of all rights for anybody, a policy that nobody has, and a key of root."""
    evaluation = evaluate(_account_of("cloudmapper.json", tmp_path), ENABLED)
    told = ("full-admin-policy", "wildcard-trust-policy", "unattached-customer-policy")
    assert seen(evaluation, *told, "root-access-key") == {
        ("full-admin-policy", "bad_role"),
        ("wildcard-trust-policy", "bad_role"),
        ("unattached-customer-policy", "BAD_MFA_POLICY"),
        ("root-access-key", "123456789012"),
    }


@pytest.mark.parametrize(
    ("name", "hidden", "hiding"),
    [
        ("cloudmapper.json", "role/service-role/bad_role", "level1"),
        ("iamspy/batch-allow.json", "role/name2", "name3"),
    ],
)
def test_two_roles_of_one_id_do_not_hide_each_other(name: str, hidden: str, hiding: str) -> None:
    """In the demo as it is published, the harmless one would stand for the role of all rights."""
    with pytest.raises(InputError, match=f"{name}.*{hiding}") as refused:
        account(PUBLISHED / name)
    assert f"{hidden} too" in str(refused.value)


INVOKE = "lambda:InvokeFunction"
HELLO = "arn:aws:lambda:eu-west-1:123456789012:function:helloworld"


@pytest.mark.parametrize(
    ("name", "action", "resource", "who"),
    [
        ("basic-allow", INVOKE, HELLO, {"name": Verdict.ALLOWED}),
        ("basic-deny", INVOKE, HELLO, {"name": Verdict.NOT_GRANTED}),
        ("allow-with-conditions", INVOKE, HELLO, {"name": Verdict.CONDITIONAL}),
        ("role-boundary-allow", INVOKE, HELLO, {"name": Verdict.ALLOWED}),
        ("role-boundary-deny", INVOKE, HELLO, {"name": Verdict.NOT_GRANTED}),
        ("role-boundary-no-policies", INVOKE, HELLO, {"name": Verdict.NOT_GRANTED}),
        ("user-boundary-allow", INVOKE, HELLO, {"PermissionBoundaryAllow": Verdict.ALLOWED}),
        ("user-boundary-deny", INVOKE, HELLO, {"PermissionBoundaryBlock": Verdict.NOT_GRANTED}),
    ],
)
def test_who_may_as_iamspy_says(
    name: str, action: str, resource: str, who: dict[str, Verdict]
) -> None:
    """Its solver's answers; where it says "on a condition, perhaps", so do we."""
    snapshot = account(PUBLISHED / "iamspy" / f"{name}.json")
    reader = RightsReader(snapshot, Proof.MFA)
    everybody = {each.name: reader.of(each) for each in (*snapshot.users, *snapshot.roles)}
    said = {
        each: decide(action, resource, rights.documents, rights.boundary).verdict
        for each, rights in everybody.items()
    }
    assert said == who
    evaluation = evaluate(snapshot, ENABLED)
    assert all(why.endswith("was not given") for why in evaluation.not_evaluated.values())


def test_a_report_of_another_account_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "details.json"
    path.write_text(json.dumps(with_an_id_of_its_own(of("cloudmapper.json"))))
    with pytest.raises(InputError, match="653711331788"):
        account(path, credential_report=PUBLISHED / "cloudmapper-report.json")


def test_what_is_left_out_is_said() -> None:
    """Without AWS's own policies, whoever is an administrator by one of them isn't known."""
    snapshot = account(PUBLISHED / "cloudsplaining.json")
    evaluation = evaluate(snapshot, ENABLED)
    assert Part.AWS_POLICIES not in snapshot.parts
    for control in ("full-admin-policy", "privilege-escalation-path"):
        assert "aws-policies was not given" in evaluation.not_evaluated[control]
