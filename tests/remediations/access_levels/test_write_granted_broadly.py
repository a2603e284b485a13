"""Where more than half of those with access may write to all of a service, they are named."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, Part, Plan, Protection, Risk
from bot.policy import compare, document_size, parse_document
from remediations.access_levels import write_granted_broadly as control
from tests.remediations.access_levels.policies import MFA, allow, denying
from tests.remediations.acting import Acting, apply_and_undo, snapshot_of, stopped_by
from tests.remediations.groups.moving import findings, planned
from tests.remediations.looking import look

READ, WRITE = allow("kms:ListKeys"), allow("kms:ListKeys", "kms:ScheduleKeyDeletion")


def people(account: AccountBuilder, readers: int, writers: int, document: Any = WRITE) -> None:
    """So many roles that only read, and so many that may do what the document says."""
    for kind, number, text in (("reader", readers, READ), ("writer", writers, document)):
        arn = account.policy(kind, text)
        for each in range(number):
            account.role(f"{kind}{each}", attached=[arn])


#: One of them has to write.
SETTINGS = {"writers": {"kms": ["*/writer0*"]}}


def seed(account: AccountBuilder) -> None:
    """Two read, three write."""
    people(account, 2, 3)


#: Nobody is named there: AWS's reports tell who reads.
LIMITED = {"unused_days": 90}


def plan_just_within(account: AccountBuilder) -> None:
    """One of those who have the same policy wrote 90 days ago."""
    TestByUse().long_ago(account)
    account.use_action("quiet2", "ec2:DeleteVolume", at=account.ago(days=90))


def plan_just_beyond(account: AccountBuilder) -> None:
    """A second longer ago."""
    TestByUse().long_ago(account)
    account.use_action("quiet2", "ec2:DeleteVolume", at=account.now - timedelta(days=90, seconds=1))


def just_within(account: AccountBuilder) -> None:
    """Just half of them write."""
    people(account, 3, 3)


def just_beyond(account: AccountBuilder) -> None:
    """One more."""
    people(account, 3, 4)


def test_they_are_named(account: AccountBuilder) -> None:
    seed(account)

    (finding,) = findings(control, snapshot_of(account))
    fix = planned(control, account)

    assert finding.summary == "3 of 5 who may use kms may write to all of it"
    assert finding.evidence["writers"] == [f"role writer{each}" for each in range(3)]
    assert finding.evidence["readers"] == ["role reader0", "role reader1"]
    assert isinstance(fix, Manual)


@pytest.mark.parametrize(
    ("readers", "writers", "settings", "found"),
    [
        (2, 2, {}, 0),  # too few with access
        (2, 2, {"principals": 4, "share": 49}, 1),
        (3, 3, {}, 0),
        (3, 3, {"share": 49}, 1),
        (2, 3, {"share": 60}, 0),
        (2, 3, {"services": ["s3"]}, 0),
        (2, 3, {"services": ["KMS"]}, 1),
        (2, 3, {"administrators": ["*:role/writer*"]}, 0),
    ],
)
def test_limits(
    account: AccountBuilder, readers: int, writers: int, settings: dict[str, Any], found: int
) -> None:
    people(account, readers, writers)

    assert len(findings(control, snapshot_of(account), **settings)) == found


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(allow("kms:*", Resource="arn:aws:kms:eu-west-1:1:key/k"), id="one key"),
        pytest.param(allow("kms:*", **MFA), id="with MFA"),
        pytest.param(denying(WRITE, "kms:S*", "kms:D*"), id="denied"),
    ],
)
def test_what_is_no_writing_everywhere(account: AccountBuilder, document: dict[str, Any]) -> None:
    people(account, 2, 5, document)

    assert not findings(control, snapshot_of(account))


def test_a_deny_and_a_boundary_count_over_all_that_somebody_has(account: AccountBuilder) -> None:
    """From another policy, of a group, or as boundary."""
    people(account, 3, 0)
    account.attach(account.policy("write", WRITE), role="reader0")
    account.group("writers", attached=["arn:aws:iam::123456789012:policy/write"])
    for name in ("ann", "ben", "cid", "dan"):
        account.user(name, groups=["writers"])
    assert len(findings(control, snapshot_of(account))) == 1

    account.boundary(account.policy("read-only", READ), user="ann")
    account.inline("never", denying(READ, "kms:Schedule*"), user="ben")

    assert not findings(control, snapshot_of(account))


def test_service_linked_roles_do_not_count_but_those_of_people_do(account: AccountBuilder) -> None:
    """Identity Center's roles are people."""
    people(account, 2, 2)
    arn = account.policy("more", WRITE)
    account.service_linked_role("support.amazonaws.com", "Support", attached=arn)
    assert not findings(control, snapshot_of(account))

    account.identity_center_role("Keys", attached=[arn])

    assert len(findings(control, snapshot_of(account))) == 1


ONE = {"kms": ("*/writer0*",)}


def fixed(account: AccountBuilder, **settings: Any) -> Plan:
    fix = planned(control, account, **{"writers": ONE, **settings})
    assert isinstance(fix, Plan), fix
    return fix


def by_hand(account: AccountBuilder, **settings: Any) -> Manual:
    fix = planned(control, account, **{"writers": ONE, **settings})
    assert isinstance(fix, Manual), fix
    return fix


def actions_of(account: AccountBuilder, name: str) -> list[str]:
    policies = {each.name: each for each in snapshot_of(account).customer_policies}
    (statement,) = json.loads(policies[name].default.text)["Statement"]
    return [*statement["Action"]]


def test_readers_get_a_policy_of_their_own(account: AccountBuilder) -> None:
    """Writers keep theirs; step by step it is taken back."""
    seed(account)
    fix = fixed(account)
    names = [step.name for step in fix.steps]
    assert names == ["create-policy", "attach-1", "detach-1", "attach-2", "detach-2"]
    assert fix.risk is Risk.DISRUPTIVE
    for _ in apply_and_undo(account, fix):
        now = snapshot_of(account)
        arns = {role.name: role.attached for role in now.roles}
        made = "arn:aws:iam::123456789012:policy/locksmith/writer-readers"
        assert arns["writer0"] == ("arn:aws:iam::123456789012:policy/writer",)
        assert arns["writer1"] == arns["writer2"] == (made,)
        assert actions_of(account, "writer-readers") == ["kms:ListKeys"]
        assert actions_of(account, "writer") == ["kms:ListKeys", "kms:ScheduleKeyDeletion"]
        assert not findings(control, now)


def test_a_policy_that_only_readers_have_is_narrowed(account: AccountBuilder) -> None:
    """With it an inline one of theirs, and a second policy of them: all in one plan."""
    people(account, 2, 1)
    one, two = (account.policy(name, WRITE) for name in ("one", "two"))
    account.role("a", attached=[one])
    account.role("b", attached=[one, two])
    account.user("ann")
    account.inline("own", allow("kms:List*", "kms:PutKeyPolicy", "kms:Create*"), user="ann")
    fix = fixed(account)
    assert [step.name for step in fix.steps] == [
        "create-version",
        "set-default",
        "create-version-of-2",
        "set-default-of-2",
        "narrow-of-3",
    ]
    for _ in apply_and_undo(account, fix):
        now = snapshot_of(account)
        assert actions_of(account, "one") == actions_of(account, "two") == ["kms:ListKeys"]
        (ann,) = now.users
        assert json.loads(ann.inline[0].text)["Statement"][0]["Action"] == ["kms:List*"]
        assert not findings(control, now)


def test_what_limits_others_stays_as_it_is(account: AccountBuilder) -> None:
    """Only readers have the policy, but it is somebody's permissions boundary as well."""
    people(account, 2, 1)
    arn = account.policy("one", WRITE)
    for name in ("a", "b"):
        account.role(name, attached=[arn])
    account.user("ann")
    account.boundary(arn, user="ann")
    for _ in apply_and_undo(account, fixed(account)):
        assert actions_of(account, "one") == ["kms:ListKeys", "kms:ScheduleKeyDeletion"]
        assert actions_of(account, "one-readers") == ["kms:ListKeys"]
        assert not findings(control, snapshot_of(account))


def test_two_policies_that_are_shared(account: AccountBuilder) -> None:
    """Each gets its companion, under steps of their own."""
    seed(account)
    more = account.policy("more", allow("kms:Describe*", "kms:Update*"))
    for number in range(3):
        account.attach(more, role=f"writer{number}")
    fix = fixed(account)
    assert len({step.name for step in fix.steps}) == 10
    for _ in apply_and_undo(account, fix):
        assert actions_of(account, "more-readers") == ["kms:Describe*"]
        assert not findings(control, snapshot_of(account))


def test_only_what_is_broad_goes(account: AccountBuilder) -> None:
    """Writing to named keys, under conditions, to other services, and Denies stay."""
    one_key = {"Effect": "Allow", "Action": "kms:Disable*", "Resource": "arn:aws:kms:*:1:key/k"}
    with_mfa = {"Effect": "Allow", "Action": "kms:Enable*", "Resource": "*", **MFA}
    deny = {"Effect": "Deny", "Action": "kms:Create*", "Resource": "*"}
    broad = {"Effect": "Allow", "Action": ["kms:*", "s3:Put*"], "Resource": "*"}
    whole = {"Version": "2012-10-17", "Statement": [one_key, broad, with_mfa, deny]}
    people(account, 2, 3, whole)
    for _ in apply_and_undo(account, fixed(account)):
        policies = {each.name: each.default.text for each in snapshot_of(account).customer_policies}
        left = json.loads(policies["writer-readers"])["Statement"]
        assert [left[0], *left[2:]] == [one_key, with_mfa, deny]
        assert "s3:Put*" in left[1]["Action"]
        assert "kms:List*" in left[1]["Action"]
        documents = [
            parse_document(text, where="p")
            for text in (json.dumps(whole), policies["writer-readers"])
        ]
        assert compare(documents[:1], documents[1:]).never_wider


def test_a_group_of_readers_moves_as_one(account: AccountBuilder) -> None:
    people(account, 2, 1)
    for name in ("ann", "ben"):
        account.user(name)
    account.group(
        "team", members=["ann", "ben"], attached=["arn:aws:iam::123456789012:policy/writer"]
    )
    fix = fixed(account)
    assert {step.do.params.get("GroupName") for step in fix.steps} == {None, "team"}
    for _ in apply_and_undo(account, fix):
        assert not findings(control, snapshot_of(account))


def test_a_group_that_is_protected_keeps_its_policy(account: AccountBuilder) -> None:
    people(account, 2, 1)
    for name in ("ann", "ben"):
        account.user(name)
    writer = "arn:aws:iam::123456789012:policy/writer"
    account.group("team", members=["ann", "ben"], attached=[writer])
    protection = Protection(protected=("*:group/team",))
    fix = planned(control, account, protection, writers=ONE)
    assert isinstance(fix, Manual)
    assert "protected list" in fix.reason


def test_what_is_allowed_to_both_through_one_group_is_for_people(account: AccountBuilder) -> None:
    people(account, 2, 0)
    for name in ("ann", "ben", "cid"):
        account.user(name)
    arn = account.policy("write", WRITE)
    account.group("team", members=["ann", "ben", "cid"], attached=[arn])
    fix = by_hand(account, writers={"kms": ("*:user/ann",)})
    assert "don't tell apart" in fix.reason


def test_what_aws_policies_allow_is_for_people(account: AccountBuilder) -> None:
    people(account, 2, 1)
    for name in ("a", "b"):
        account.role(name, attached=["AWSKeyManagementServicePowerUser"])
    assert "don't tell apart" in by_hand(account).reason


def test_what_nobody_names_is_for_people(account: AccountBuilder) -> None:
    """Another service's writers say nothing; where all of them are named, nothing is to be done."""
    seed(account)
    assert "only people know" in by_hand(account, writers={"s3": ("*",)}).reason
    assert "don't tell apart" in by_hand(account, writers={"KMS": ("*",)}).reason


def test_a_document_that_nobody_understands_is_for_people(account: AccountBuilder) -> None:
    """It may be what somebody writes by."""
    seed(account)
    account.inline(
        "odd", {"Version": "2012-10-17", "Statement": [{"Effect": "Maybe"}]}, role="reader0"
    )
    assert "odd" in by_hand(account).reason


@pytest.mark.parametrize("taken", ["writer-readers", "Writer-Readers"])
def test_a_name_that_is_taken_is_for_people(account: AccountBuilder, taken: str) -> None:
    seed(account)
    account.policy(taken, READ)
    assert "already" in by_hand(account).reason


def test_room_for_a_further_policy(account: AccountBuilder) -> None:
    seed(account)
    allowed = snapshot_of(account).account_summary["AttachedPoliciesPerRoleQuota"]
    for number in range(allowed - 1):
        account.attach(account.policy(f"other{number}", allow("s3:Get*")), role="writer1")
    assert "as many policies as AWS allows" in by_hand(account).reason


def test_a_policy_that_only_writes_is_taken_away(account: AccountBuilder) -> None:
    """From readers, also one that is theirs alone; nothing takes its place."""
    people(account, 2, 3, allow("kms:ScheduleKeyDeletion"))
    account.user("ann")
    account.inline("own", allow("kms:PutKeyPolicy", "kms:Create*"), user="ann")
    account.attach(account.policy("theirs", allow("kms:Create*")), user="ann")
    fix = fixed(account)
    assert [step.name for step in fix.steps] == [
        "detach-1",
        "detach-1-of-2",
        "detach-2-of-2",
        "delete-inline-of-3",
    ]
    for _ in apply_and_undo(account, fix):
        assert not findings(control, snapshot_of(account))


def test_what_could_not_be_put_back_exactly_is_for_people(account: AccountBuilder) -> None:
    fraction = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "*",
        "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": 0.5}},
    }
    people(account, 2, 3, {**WRITE, "Statement": [*WRITE["Statement"], fraction]})
    assert "can't be compared exactly" in by_hand(account).reason


def test_a_long_name_leaves_no_room_for_another(account: AccountBuilder) -> None:
    """Of 128 characters."""
    people(account, 2, 1)
    for length, fits in ((120, True), (121, False)):
        arn = account.policy("n" * length, WRITE)
        for name in ("a", "b", "writer0"):
            account.role(f"{name}{length}", attached=[arn])
        writers = {"kms": ("*:role/writer0", f"*:role/writer0{length}")}
        fix = planned(control, account, writers=writers)
        assert isinstance(fix, Plan) is fits, fix
    assert isinstance(fix, Manual)
    assert "is longer than AWS allows" in fix.reason


@pytest.mark.parametrize(("versions", "fits"), [(4, True), (5, False)])
def test_room_for_a_further_version(account: AccountBuilder, versions: int, fits: bool) -> None:
    """Where only readers have the policy, it is the policy that changes."""
    people(account, 2, 1)
    arn = account.policy("one", WRITE)
    for name in ("a", "b"):
        account.role(name, attached=[arn])
    for _ in range(versions - 1):
        account.client().create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(WRITE))
    fix = planned(control, account, writers=ONE)
    assert isinstance(fix, Plan) is fits, fix
    if isinstance(fix, Manual):
        assert "as many versions as AWS allows" in fix.reason


@pytest.mark.parametrize(
    ("quota", "of_inline"), [("PolicySizeQuota", False), ("UserPolicySizeQuota", True)]
)
def test_room_for_the_document(account: AccountBuilder, quota: str, of_inline: bool) -> None:
    """Of inline policies, all of the user's count together."""
    people(account, 2, 1)
    others = allow("s3:GetObject")
    arn = account.policy("one", WRITE)
    for name in ("ann", "ben"):
        account.user(name)
        account.inline("others", others, user=name)
        if of_inline:
            account.inline("own", WRITE, user=name)
        else:
            account.attach(arn, user=name)
    snapshot = snapshot_of(account)
    settings = control.CONTROL.settings(writers=ONE)
    (finding,) = control.detect(snapshot, settings)
    needed = document_size(READ) + (document_size(others) if of_inline else 0)
    for size, fits in ((needed, True), (needed - 1, False)):
        parts = {**snapshot.parts, Part.ACCOUNT_SUMMARY: {quota: size}}
        fix = control.plan(finding, replace(snapshot, parts=parts), settings)
        assert isinstance(fix, Plan) is fits, fix
        assert fits or "longer than AWS allows" in getattr(fix, "reason", "")


def test_who_is_protected_keeps_it(account: AccountBuilder) -> None:
    """As long as few enough write then; administrators too."""
    seed(account)
    for more in ({}, {"administrators": ("*:role/writer1",)}):
        protection = None if more else Protection(protected=("*:role/writer1",))
        snapshot = snapshot_of(account, protection)
        settings = control.CONTROL.settings(writers=ONE, principals=4, share=40, **more)
        (finding,) = control.detect(snapshot, settings)
        fix = control.plan(finding, snapshot, settings)
        assert isinstance(fix, Plan)
        assert "writer1" not in str([step.do.params for step in fix.steps])


def test_another_document_meanwhile_stops_it(account: AccountBuilder) -> None:
    """Nobody loses what the policy for readers was not made of."""
    seed(account)
    client = account.client()
    arn = "arn:aws:iam::123456789012:policy/writer"
    wider = json.dumps(allow("kms:ListKeys", "s3:GetObject"))

    def widen() -> None:
        client.create_policy_version(PolicyArn=arn, PolicyDocument=wider, SetAsDefault=True)

    assert stopped_by(account, fixed(account), "detach-1", widen)


MADE = "arn:aws:iam::123456789012:policy/locksmith/writer-readers"


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(
            lambda client: client.detach_role_policy(RoleName="writer1", PolicyArn=MADE),
            id="taken away",
        ),
        pytest.param(
            lambda client: client.create_policy_version(
                PolicyArn=MADE, PolicyDocument=json.dumps(WRITE), SetAsDefault=True
            ),
            id="rewritten",
        ),
    ],
)
def test_nobody_loses_a_policy_without_the_one_for_readers(
    account: AccountBuilder, meanwhile: Any
) -> None:
    seed(account)
    client = account.client()
    assert stopped_by(account, fixed(account), "detach-1", lambda: meanwhile(client))


def test_hostile_names(account: AccountBuilder) -> None:
    people(account, 2, 1)
    for name in ("a@b", "a,b", "a+b=c"):
        account.role(name, attached=["arn:aws:iam::123456789012:policy/writer"])
    for _ in apply_and_undo(account, fixed(account)):
        assert not findings(control, snapshot_of(account))


class TestByUse:
    """Nobody is named: AWS's reports tell who reads."""

    def long_ago(self, account: AccountBuilder) -> None:
        """Three roles of one policy, two of another; all of them may write."""
        made = account.ago(days=400)
        for kind, number in (("quiet", 3), ("busy", 2)):
            arn = account.policy(kind, allow("ec2:Describe*", "ec2:DeleteVolume"), created=made)
            for each in range(number):
                account.role(f"{kind}{each}", created=made, last_used=account.ago(days=1))
                account.attach(arn, role=f"{kind}{each}")
        account.use_action("quiet0", "ec2:DescribeInstances", at=account.ago(days=2))
        account.use_action("busy0", "ec2:DeleteVolume", at=account.ago(days=2))

    def _planned(self, account: AccountBuilder) -> Plan | Manual:
        snapshot = look(account, more=frozenset({Part.POLICY_USE}))
        settings = control.CONTROL.settings(unused_days=90)
        (finding,) = control.detect(snapshot, settings)
        fix = control.plan(finding, snapshot, settings)
        assert isinstance(fix, Plan | Manual)
        return fix

    def test_who_was_not_seen_writing_reads(self, account: AccountBuilder) -> None:
        """All who have a policy must be that; the other one stays as it is."""
        self.long_ago(account)
        fix = self._planned(account)
        assert isinstance(fix, Plan)
        for _ in apply_and_undo(account, fix):
            assert actions_of(account, "quiet") == ["ec2:Describe*"]
            assert actions_of(account, "busy") == ["ec2:Describe*", "ec2:DeleteVolume"]
            assert not findings(control, snapshot_of(account))

    def test_one_of_them_who_wrote_is_enough(self, account: AccountBuilder) -> None:
        self.long_ago(account)
        account.use_action("quiet2", "ec2:DeleteVolume", at=account.ago(days=30))
        assert isinstance(self._planned(account), Manual)

    def test_who_may_have_written_by_another_policy(self, account: AccountBuilder) -> None:
        """Of which AWS's report can't tell: it is shared with somebody who writes."""
        self.long_ago(account)
        account.attach("arn:aws:iam::123456789012:policy/busy", role="quiet1")
        fix = self._planned(account)
        assert isinstance(fix, Manual)

    def test_without_reports_it_is_for_people(self, account: AccountBuilder) -> None:
        self.long_ago(account)
        assert isinstance(planned(control, account, unused_days=90), Manual)


def test_each_step_can_be_taken_back_on_its_own(account: AccountBuilder) -> None:
    """Stopped in the middle, what was done is undone, and all is as it was."""
    seed(account)
    before = snapshot_of(account)
    fix = fixed(account)
    acting = Acting(account, fix)
    acting.apply("attach-2")
    done = Acting(account)
    done.steps = fix.steps[:3]
    done.outputs = acting.outputs
    done.undo()
    after = snapshot_of(account)
    assert [role.attached for role in after.roles] == [role.attached for role in before.roles]
    assert after.customer_policies == before.customer_policies
