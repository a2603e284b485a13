"""Every method of the public catalogues is one of ours: nothing of them is silently missing.

`catalogues.json` lists, by catalogue, the id of each method, the actions that it takes as they are
published, and the method of ours that finds it:

- pathfinding: https://pathfinding.cloud/paths/, ids as of autumn 2026
- rhino: the methods of Rhino Security Labs in the order of both of their articles
- prowler: what `privilege_escalation.py` of Prowler has besides
"""

import json
from pathlib import Path

import pytest

from bot.policy import SERVICE_WAYS
from tests.remediations.least_privilege.test_privilege_escalation_path import (
    IAM_METHODS,
    ROLE_METHODS,
)

CATALOGUES = json.loads(Path(__file__).with_name("catalogues.json").read_text())
EVERY = [(name, each) for name, listed in CATALOGUES.items() for each in listed]
OURS = {
    *(way.name for way in SERVICE_WAYS),
    *("+".join(actions.split()) for actions, _ in IAM_METHODS),
    *ROLE_METHODS,
}
#: To take on a role as its trust means it is a step of other paths, and no finding by itself.
STEPS = {"sts:AssumeRole"}
#: What no catalogue lists.
BEYOND = {
    "iam:PassRole+amplify:CreateApp+amplify:CreateBranch+amplify:StartJob",
    "iam:PassRole+codebuild:UpdateProject+codebuild:StartBuild",
    "iam:PassRole+ec2:AssociateIamInstanceProfile",
    "iam:PassRole+ec2:ReplaceIamInstanceProfileAssociation",
    "iam:PassRole+iam:CreateInstanceProfile+iam:AddRoleToInstanceProfile+ec2:RunInstances",
    "iam:PassRole+scheduler:CreateSchedule",
    "iam:PassRole+states:CreateStateMachine+states:StartExecution",
    "iam:PassRole+synthetics:CreateCanary+synthetics:StartCanary",
    "ssm:CreateAssociation",
    "states:UpdateStateMachine+states:StartExecution",
    "iam:CreateRole+iam:AttachRolePolicy",
    "iam:CreateRole+iam:PutRolePolicy",
    "iam:CreateUser+iam:AttachUserPolicy+iam:CreateAccessKey",
    "iam:CreateUser+iam:PutUserPolicy+iam:CreateLoginProfile",
    "iam:DeleteSAMLProvider+iam:CreateSAMLProvider",
    "iam:PutUserPolicy+iam:CreateLoginProfile",
    "iam:UpdateSAMLProvider",
}


@pytest.mark.parametrize(
    ("catalogue", "method"),
    [pytest.param(name, each, id=f"{name}-{each['id']}") for name, each in EVERY],
)
def test_each_published_method_is_one_of_ours(
    catalogue: str, method: dict[str, str | list[str]]
) -> None:
    """Ours takes no more than the catalogue's: whoever can do theirs is found."""
    assert method["ours"] in OURS | STEPS
    assert {*str(method["ours"]).split("+")} <= {*method["actions"]}


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_each_id_is_there_once(catalogue: str) -> None:
    ids = [each["id"] for each in CATALOGUES[catalogue]]
    assert len(ids) == len(set(ids))


def test_what_of_ours_is_in_no_catalogue_is_known() -> None:
    """A way that is added belongs into a catalogue's line, or to those beyond."""
    listed = {each["ours"] for _, each in EVERY}
    assert OURS - listed == BEYOND
