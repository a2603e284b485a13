"""Inline policies move from a user to a group word for word, a Deny to a group of their own."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import CONSOLE_FENCE, Account, Manual, Plan, Protection, Risk, User
from bot.policy import CONTAINMENT_FENCE, containment_document
from remediations._fence_documents import CONSOLE_DOCUMENT, MFA_FENCE, mfa_document
from remediations.groups import inline_policy_on_user as control
from remediations.groups import policy_attached_to_user
from tests.remediations.acting import Acting, apply_and_undo, snapshot_of
from tests.remediations.contract import NOW
from tests.remediations.groups.moving import (
    Meddle,
    allow,
    deny,
    findings,
    group_of,
    joined,
    made_anew,
    names,
    planned,
    why_not,
)


def seed(account: AccountBuilder) -> None:
    """A user with two inline policies."""
    account.user("alice")
    account.inline("reads", allow("s3:GetObject"), user="alice")
    account.inline("writes", allow("s3:PutObject"), user="alice")


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def test_seed_is_fixed_and_undone_exactly(account: AccountBuilder) -> None:
    """Applied, both documents live in the group; undone, alice has her own again."""
    seed(account)
    fix = planned(control, account)
    assert names(fix) == ["create-group", "copy-1", "copy-2", "join", "delete-1", "delete-2"]
    assert fix.risk is Risk.REVERSIBLE

    for _ in apply_and_undo(account, fix):
        after = snapshot_of(account)
        (group,) = after.groups
        assert not findings(control, after)
        assert group.name == "user-alice-reads-and-1-more"
        assert {policy.name: json.loads(policy.text) for policy in group.inline} == {
            "reads": allow("s3:GetObject"),
            "writes": allow("s3:PutObject"),
        }


@pytest.mark.parametrize(
    ("inline", "counted"),
    [
        pytest.param([], None, id="none"),
        pytest.param(["locksmith-own"], ["locksmith-own"], id="a name that only looks alike"),
        pytest.param(["a+b=c,d.e@f-g_h"], ["a+b=c,d.e@f-g_h"], id="every character of a name"),
    ],
)
def test_what_counts(account: AccountBuilder, inline: list[str], counted: list[str] | None) -> None:
    """One is a violation, whatever its name; the whole way there and back."""
    account.user("alice")
    for name in inline:
        account.inline(name, allow(), user="alice")

    found = findings(control, snapshot_of(account))

    assert [finding.evidence["policies"] for finding in found] == ([counted] if counted else [])
    if counted:
        for _ in apply_and_undo(account, planned(control, account)):
            left = {policy.name for policy in snapshot_of(account).users[0].inline}
            assert left == set(inline) - set(counted)


ALICE = User("alice", "AIDAALICE", "arn:aws:iam::123456789012:user/alice", "/", NOW)
ACCOUNT = Account("123456789012")


@pytest.mark.parametrize(
    ("name", "document"),
    [
        pytest.param(CONSOLE_FENCE, CONSOLE_DOCUMENT, id="console"),
        pytest.param(MFA_FENCE, mfa_document(ALICE, ACCOUNT, include_keys=False), id="MFA"),
        pytest.param(MFA_FENCE, mfa_document(ALICE, ACCOUNT, include_keys=True), id="MFA and keys"),
        pytest.param(CONTAINMENT_FENCE, containment_document(NOW), id="containment"),
    ],
)
def test_a_fence_is_neither_a_violation_nor_moved(
    account: AccountBuilder, name: str, document: Mapping[str, Any]
) -> None:
    """Alone or beside another policy."""
    account.user("alice")
    account.inline(name, dict(document), user="alice")
    assert not findings(control, snapshot_of(account))

    account.inline("x", allow(), user="alice")
    (finding,) = findings(control, snapshot_of(account))
    assert (finding.evidence["policies"], finding.evidence["left_alone"]) == (["x"], [name])
    for _ in apply_and_undo(account, planned(control, account)):
        assert [policy.name for policy in snapshot_of(account).users[0].inline] == [name]


_OTHERS_FENCE = mfa_document(replace(ALICE, arn=f"{ALICE.arn}-2"), ACCOUNT, include_keys=False)


def _with(document: Mapping[str, Any], *statements: Any) -> dict[str, Any]:
    return {**document, "Statement": [*document["Statement"], *statements]}


@pytest.mark.parametrize(
    ("name", "document"),
    [
        pytest.param("Locksmith-x", allow("*"), id="hides everything"),
        pytest.param("Locksmith-x", CONSOLE_DOCUMENT, id="no name of a fence"),
        pytest.param(CONSOLE_FENCE, allow("*"), id="the name of a fence"),
        pytest.param(CONTAINMENT_FENCE, allow("*"), id="the name of a containment"),
        pytest.param(
            CONSOLE_FENCE,
            _with(CONSOLE_DOCUMENT, allow("s3:*")["Statement"][0]),
            id="a fence with one more Allow",
        ),
        pytest.param(CONSOLE_FENCE, mfa_document(ALICE, ACCOUNT, include_keys=False), id="mixed"),
        pytest.param(MFA_FENCE, _OTHERS_FENCE, id="rights over another user"),
    ],
)
def test_a_policy_only_named_like_a_fence_counts(
    account: AccountBuilder, name: str, document: Mapping[str, Any]
) -> None:
    """Whoever may put an inline policy may call it what they like; people look into it."""
    account.user("alice")
    account.inline(name, dict(document), user="alice")

    (finding,) = findings(control, snapshot_of(account))
    fix = planned(control, account)

    assert finding.evidence["policies"] == [name]
    assert isinstance(fix, Manual)
    assert name in fix.reason
    assert "CloudTrail" in fix.steps[0]


def test_break_glass_users_are_left_out(account: AccountBuilder) -> None:
    """They hold their rights directly on purpose."""
    seed(account)

    assert not findings(control, snapshot_of(account, Protection(break_glass=("*alice",))))


@pytest.mark.parametrize(
    ("documents", "joined"),
    [
        pytest.param([allow("s3:*")], True, id="the same document under another name"),
        pytest.param([allow("s3:Get*")], False, id="another document"),
        pytest.param([allow("s3:*"), allow("ec2:*")], False, id="one more"),
        pytest.param([allow("s3:*"), allow("s3:*")], False, id="the same twice"),
        pytest.param([allow("S3:*")], False, id="another case"),
        pytest.param([allow("s3:*", Sid="x")], False, id="another Sid"),
        pytest.param([], False, id="nothing"),
    ],
)
def test_joins_only_a_group_with_just_this_document(
    account: AccountBuilder, documents: list[dict[str, Any]], joined: bool
) -> None:
    """What isn't word for word the same is not taken for the same."""
    account.user("alice")
    account.inline("own", allow("s3:*"), user="alice")
    account.group("shared")
    for number, document in enumerate(documents):
        account.inline(f"p{number}", document, group="shared")

    fix = planned(control, account)

    assert (group_of(fix) == "shared") is joined
    for _ in apply_and_undo(account, fix):
        assert not findings(control, snapshot_of(account))


def test_key_order_and_white_space_are_no_difference(account: AccountBuilder) -> None:
    """Documents are compared as JSON, not as text."""
    account.user("alice")
    account.inline("own", json.dumps(allow()), user="alice")
    account.group("shared", members=["alice"])
    account.inline("theirs", json.dumps(allow(), sort_keys=True, indent=3), group="shared")

    assert names(planned(control, account)) == ["delete-1"]


def test_the_undo_sends_text_of_the_length_that_aws_counted(account: AccountBuilder) -> None:
    """A letter beyond ASCII is one character, not six, on the way there and back."""
    account.user("alice")
    account.inline("own", allow("s3:GetObject", Sid="x", Resource="arn:aws:s3:::é/*"), user="alice")
    fix = planned(control, account)
    assert isinstance(fix, Plan)

    texts = [
        str(call.params["PolicyDocument"])
        for step in fix.steps
        for call in (step.do, step.undo)
        if call and "PolicyDocument" in call.params
    ]

    assert len(texts) == 2
    assert all("é" in text and " " not in text for text in texts)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(deny(), id="a Deny alone"),
        pytest.param(
            {**allow(), "Statement": [*allow()["Statement"], *deny()["Statement"]]}, id="beside"
        ),
    ],
)
def test_a_deny_goes_to_a_group_of_the_user_alone(
    account: AccountBuilder, document: Mapping[str, Any]
) -> None:
    """Not into the equal group, where it could be taken for everybody's; nor the team's."""
    account.user("alice", tags={"team": "data"})
    account.inline("fence", document, user="alice")
    account.group("shared")
    account.inline("fence", document, group="shared")

    fix = planned(control, account)

    assert group_of(fix) == "user-alice-fence"
    for _ in apply_and_undo(account, fix):
        group = snapshot_of(account).groups_by_name["user-alice-fence"]
        assert [policy.name for policy in group.inline] == ["fence"]


def _of_size(size: int) -> dict[str, Any]:
    """A document of just that many characters, white space not counted."""
    filler = size - len(json.dumps(allow("x:"), separators=(",", ":")))
    return allow("x:" + "y" * filler)


@pytest.mark.parametrize(("size", "manual"), [(5119, False), (5120, False), (5121, True)])
def test_size_of_a_group(account: AccountBuilder, size: int, manual: bool) -> None:
    """A group takes 5,120 characters of inline policies in all."""
    account.quota("UserPolicySizeQuota", 6000)
    account.user("alice")
    account.inline("half", _of_size(2000), user="alice")
    account.inline("rest", _of_size(size - 2000), user="alice")

    fix = planned(control, account)

    assert isinstance(fix, Manual) is manual
    if isinstance(fix, Plan):
        for _ in apply_and_undo(account, fix):
            assert not findings(control, snapshot_of(account))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("not JSON", id="no JSON"),
        pytest.param(
            json.dumps(allow(Condition={"NumericLessThan": {"s3:max-keys": 0.5}})), id="a fraction"
        ),
    ],
)
def test_what_cannot_be_copied_exactly_is_left_to_people(
    account: AccountBuilder, text: str
) -> None:
    """No plan rests on a document that can't be compared with what AWS returns."""
    account.user("alice")
    account.inline("odd", allow(), user="alice")
    seen = snapshot_of(account)
    (user,) = seen.users
    odd = type(user.inline[0])("odd", text)
    users = (type(user)(user.name, user.id, user.arn, user.path, user.created, inline=(odd,)),)
    parts = {**seen.parts, control.Part.USERS: users}
    settings = control.CONTROL.settings()
    seen = type(seen)(account=seen.account, taken_at=seen.taken_at, parts=parts)
    (finding,) = control.detect(seen, settings)
    fix = control.plan(finding, seen, settings)

    assert isinstance(fix, Manual)
    assert "can't be copied exactly" in fix.reason


def _edited(account: AccountBuilder, group: str) -> None:
    account.inline("own", allow("s3:*"), user="alice")


GROUP = "user-alice-own"
CHANGED = "the document of own of {} is another one"


@pytest.mark.parametrize(
    ("until", "meddle", "why"),
    [
        pytest.param("copy-1", _edited, CHANGED.format("alice"), id="copy: edited"),
        pytest.param("copy-1", joined, f"somebody else is in {GROUP}", id="copy: joined"),
        pytest.param(
            "copy-1",
            lambda account, group: account.inline("own", allow(), group=group),
            f"{GROUP} has a policy own by now",
            id="copy: it is there",
        ),
        pytest.param(
            "join",
            lambda account, group: account.inline("own", allow("s3:*"), group=group),
            CHANGED.format(GROUP),
            id="join: the copy was edited",
        ),
        pytest.param("delete-1", _edited, CHANGED.format("alice"), id="delete: edited"),
        pytest.param(
            "delete-1", made_anew, "alice is another user now", id="delete: another alice"
        ),
        pytest.param(
            "delete-1",
            lambda account, group: account.inline("own", allow("s3:*"), group=group),
            CHANGED.format(GROUP),
            id="delete: the copy was edited",
        ),
        pytest.param(
            "delete-1",
            lambda account, group: account.client().remove_user_from_group(
                UserName="alice", GroupName=group
            ),
            f"alice is not in {GROUP}",
            id="delete: alice left",
        ),
    ],
)
def test_each_step_looks_again(
    account: AccountBuilder, until: str, meddle: Meddle, why: str
) -> None:
    """Whatever changes between two steps stops the next one, for just that reason."""
    account.user("alice")
    account.inline("own", allow(), user="alice")

    assert why_not(account, planned(control, account), until, meddle) == [why]


def test_undo_refuses_where_somebody_joined(account: AccountBuilder) -> None:
    """The copied policy stays once others rely on it."""
    account.user("alice")
    account.inline("own", allow(), user="alice")
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    acting = Acting(account, fix)
    acting.apply("join")
    joined(account, GROUP)

    copy = next(step for step in fix.steps if step.name == "copy-1")
    assert acting.broken(copy.after) == [f"somebody else is in {GROUP}"]


def test_the_deletion_waits_for_the_group(account: AccountBuilder) -> None:
    """Before alice is in the group and the group has the document, nothing is deleted."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    delete = next(step for step in fix.steps if step.name == "delete-1")

    assert Acting(account, fix).broken(delete.before) == [
        f"alice is not in {group_of(fix)}",
        f"the document of reads of {group_of(fix)} is another one",
    ]


def test_both_controls_of_one_user_have_plans_that_fit_together(account: AccountBuilder) -> None:
    """Attached and inline policies are two questions; answering one leaves the other valid."""
    account.user("alice", tags={"team": "data"})
    account.inline("own", allow(), user="alice")
    account.attach("AmazonS3ReadOnlyAccess", user="alice")
    first, second = planned(control, account), planned(policy_attached_to_user, account)
    assert isinstance(first, Plan)
    assert isinstance(second, Plan)

    Acting(account, first).apply()
    Acting(account, second).apply()

    alice = snapshot_of(account).users_by_name["alice"]
    assert (alice.attached, alice.inline, len(alice.groups)) == ((), (), 2)
