"""What an analyzer for unused access found is fixed as the control on the same thing fixes it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.access_analyzer import analyzer_backends
from bot.engine.planner import ask_once, evaluate
from bot.model import Finding, Manual, Part, Plan, Protection, Risk, Snapshot
from bot.registry import controls, discover
from remediations.least_privilege import unused_access_analyzer_findings as control
from tests.remediations.acting import apply_and_undo, stopped_by
from tests.remediations.contract import NOW
from tests.remediations.looking import look as look_for

SETTINGS = {"enabled": True}
PARTS = frozenset({Part.UNUSED_ACCESS})
NAME = "o'neil+a,b@example.org"
ANN = "arn:aws:iam::123456789012:user/ann"


def allow(*actions: str) -> dict[str, Any]:
    """A policy of one Allow."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def analyzed(account: AccountBuilder) -> None:
    """An analyzer for unused access in one Region."""
    account.analyzer("unused", kind="ACCOUNT_UNUSED_ACCESS", region="us-east-1")


def role(account: AccountBuilder, name: str = NAME) -> str:
    """A role in daily use; its ARN."""
    return account.role(name, created=account.ago(days=300), last_used=account.ago(days=1))


def rights(account: AccountBuilder, arn: str, **unused: tuple[str, ...]) -> str:
    """The analyzer's finding about rights that nobody used."""
    return account.unused_access(
        "unused", "UnusedPermission", arn, rights=unused, region="us-east-1"
    )


def seed(account: AccountBuilder) -> None:
    """An analyzer in one Region, with rights that a role in daily use never needs."""
    analyzed(account)
    arn = role(account)
    account.inline("reports", allow("s3:GetObject", "s3:PutObject"), role=NAME)
    rights(account, arn, s3=("PutObject",))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account(NOW) as account:
        yield account


def look(account: AccountBuilder, protection: Protection | None = None) -> Snapshot:
    return look_for(account, protection, more=PARTS)


def found(account: AccountBuilder, protection: Protection | None = None) -> list[Finding]:
    return list(control.detect(look(account, protection), control.CONTROL.settings()))


def fixes(account: AccountBuilder) -> list[Plan | Manual]:
    """What is to be done about each finding, in their order."""
    snapshot, settings = look(account), control.CONTROL.settings()
    return [control.plan(each, snapshot, settings) for each in control.detect(snapshot, settings)]


def planned(account: AccountBuilder) -> Plan:
    """The one plan."""
    (fix,) = fixes(account)
    assert isinstance(fix, Plan), fix
    return fix


def by_hand(account: AccountBuilder) -> Manual:
    """The one piece of advice."""
    (fix,) = fixes(account)
    assert isinstance(fix, Manual), fix
    return fix


def text(advice: Manual) -> str:
    return "\n".join((advice.reason, *advice.steps))


def finding_of(account: AccountBuilder) -> dict[str, Any]:
    """The analyzer's first finding, to change it."""
    return analyzer_backends[account.account_id]["us-east-1"].findings[0]


def actions_of(account: AccountBuilder, name: str = NAME) -> list[str]:
    """What the role's one inline policy allows now."""
    (policy,) = next(each for each in look(account).roles if each.name == name).inline
    actions: list[str] = json.loads(policy.text)["Statement"][0]["Action"]
    return actions


def test_an_inline_policy_loses_what_went_unused(account: AccountBuilder) -> None:
    """Fixed, it is none of the analyzer's business, which looks again in a day only."""
    seed(account)
    (seen,) = found(account)
    assert (seen.resource.name, seen.evidence["unused"]) == (NAME, ["s3:PutObject"])
    assert seen.evidence["analyzer_days"] == 90
    fix = planned(account)
    assert fix.risk is Risk.DISRUPTIVE
    assert "s3:PutObject" in fix.breaks[0]
    for _ in apply_and_undo(account, fix):
        assert actions_of(account) == ["s3:GetObject"]
        assert not found(account)
    assert found(account)


def test_a_managed_policy_that_nobody_else_has_gets_a_version(account: AccountBuilder) -> None:
    analyzed(account)
    arn = role(account)
    document = allow("s3:*", "sqs:SendMessage", "iam:PassRole")
    policy = account.policy("reports", document, created=account.ago(days=200))
    account.attach(policy, role=NAME)
    rights(account, arn, sqs=(), iam=(), s3=("s3:PutObject", "deleteobject"))
    fix = planned(account)
    assert [step.name for step in fix.steps] == ["create-version", "set-default"]
    for _ in apply_and_undo(account, fix):
        now = str(look(account).policies_by_arn[policy].default.text)
        assert "sqs" not in now
        assert "iam:PassRole" in now
        assert 's3:PutObject"' not in now
        assert 's3:DeleteObject"' not in now
        assert not found(account)


def test_what_a_policy_gives_only_lately_cannot_have_lain_unused(account: AccountBuilder) -> None:
    analyzed(account)
    arn = role(account)
    policy = account.policy("reports", allow("s3:PutObject"), created=account.ago(days=89))
    account.attach(policy, role=NAME)
    rights(account, arn, s3=("PutObject",))
    assert not found(account)


def test_what_others_have_too_people_replace(account: AccountBuilder) -> None:
    """By its very text, where a person can read it, for just the one it is about."""
    analyzed(account)
    arn = role(account)
    both = allow("s3:GetObject", "s3:PutObject")
    policy = account.policy("reports", both, created=account.ago(days=200))
    account.attach(policy, role=NAME)
    role(account, "other")
    account.attach(policy, role="other")
    rights(account, arn, s3=("PutObject",))
    said = text(by_hand(account))
    assert "role other has too" in said
    assert json.dumps(allow("s3:GetObject"), separators=(",", ":")) in said
    assert "generate-finding-recommendation" in said
    (seen,) = found(account)
    assert seen.evidence["policies"] == ["reports"]
    assert seen.subject.endswith("/unused-access")


def test_a_policy_that_is_a_boundary_too_is_left_to_people(account: AccountBuilder) -> None:
    analyzed(account)
    arn = role(account)
    policy = account.policy("reports", allow("s3:*"), created=account.ago(days=200))
    account.attach(policy, role=NAME)
    account.user("limited", created=account.ago(days=300))
    account.boundary(policy, user="limited")
    rights(account, arn, s3=("PutObject",))
    assert "policy of its own" in text(by_hand(account))


@pytest.mark.parametrize(
    ("unused", "said"),
    [
        pytest.param({"sqs": ()}, "away from role", id="nothing was used"),
        pytest.param({"sqs": ("PurgeQueue",)}, "without sqs:PurgeQueue", id="some of a long one"),
    ],
)
def test_a_policy_of_aws_people_replace(
    account: AccountBuilder, unused: dict[str, tuple[str, ...]], said: str
) -> None:
    analyzed(account)
    arn = role(account)
    account.attach("AmazonSQSFullAccess", role=NAME)
    rights(account, arn, **unused)
    assert "AWS's policy AmazonSQSFullAccess" in text(by_hand(account))
    assert said


def test_rights_of_a_group_are_left_to_people(account: AccountBuilder) -> None:
    analyzed(account)
    account.group("dev")
    account.user("ann", created=account.ago(days=300), groups=["dev"])
    account.inline("put", allow("s3:PutObject"), group="dev")
    rights(account, ANN, s3=("PutObject",))
    assert "Take the policy put of group dev" in text(by_hand(account))


def test_own_and_shared_rights_are_apart(account: AccountBuilder) -> None:
    """What Locksmith can do it offers, and says what is left beside it."""
    seed(account)
    account.attach("AmazonS3FullAccess", role=NAME)
    kinds = [type(fix) for fix in fixes(account)]
    assert kinds == [Plan, Manual]


def test_two_analyzers_must_agree(account: AccountBuilder) -> None:
    """One that looks further back knows more of what is seldom used."""
    seed(account)
    account.analyzer("patient", kind="ACCOUNT_UNUSED_ACCESS", region="eu-west-1")
    patient = analyzer_backends[account.account_id]["eu-west-1"]
    patient.analyzers["patient"]["configuration"]["unusedAccess"]["unusedAccessAge"] = 180
    arn = look(account).roles[0].arn
    account.unused_access(
        "patient", "UnusedPermission", arn, rights={"s3": ("GetObject",)}, region="eu-west-1"
    )
    assert not found(account)
    patient.findings[0]["findingDetails"][0]["unusedPermissionDetails"].pop("actions")
    (seen,) = found(account)
    assert seen.evidence["analyzer_days"] == 180
    assert len([each for each in planned(account).steps[0].before if "status" in each.path]) == 2


def _archived(account: AccountBuilder) -> None:
    finding_of(account)["status"] = "ARCHIVED"


def _resolved(account: AccountBuilder) -> None:
    finding_of(account)["status"] = "RESOLVED"


def _about_other_rights(account: AccountBuilder) -> None:
    finding_of(account)["findingDetails"][0]["unusedPermissionDetails"]["actions"] = [
        {"action": "GetObject"}
    ]


def _about_another_service(account: AccountBuilder) -> None:
    finding_of(account)["findingDetails"][0]["unusedPermissionDetails"]["serviceNamespace"] = "sqs"


ENDED, CHANGED = "archived or resolved by now", "about other rights by now"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_archived, ENDED),
        (_resolved, ENDED),
        (_about_other_rights, CHANGED),
        (_about_another_service, CHANGED),
    ],
)
def test_the_analyzers_finding_is_looked_at_again(
    account: AccountBuilder, change: Any, why: str
) -> None:
    """Just before: a right that was used meanwhile isn't in it any more."""
    seed(account)
    stopped = stopped_by(account, planned(account), "narrow", lambda: change(account))
    assert stopped == [f"Access Analyzer's finding is {why}"]


def test_a_role_gets_the_fence_of_unused_roles(account: AccountBuilder) -> None:
    """Fixed it is not asked about again; used since the analyzer looked, it never is."""
    analyzed(account)
    arn = account.role(NAME, created=account.ago(days=300), last_used=account.ago(days=91))
    account.unused_access("unused", "UnusedIAMRole", arn, region="us-east-1")
    fix = planned(account)
    assert fix.subject.endswith("/role")
    stopped = stopped_by(account, fix, "fence", lambda: _archived(account))
    assert stopped == [f"Access Analyzer's finding is {ENDED}"]
    finding_of(account)["status"] = "ACTIVE"
    for _ in apply_and_undo(account, fix):
        assert not found(account)
    account.iam.get_role(NAME).last_used = account.ago(days=90)
    assert not found(account)


def test_a_key_and_a_password_are_switched_off_as_their_controls_do(
    account: AccountBuilder,
) -> None:
    """Only the key that the analyzer names, and neither where it was used since."""
    analyzed(account)
    account.user("ann", created=account.ago(days=300))
    account.password("ann", created=account.ago(days=300), last_used=account.ago(days=100))
    idle = account.key("ann", created=account.ago(days=300), last_used=account.ago(days=100))
    account.key("ann", created=account.ago(days=300), last_used=account.ago(days=95))
    for kind in ("UnusedIAMUserAccessKey", "UnusedIAMUserPassword"):
        account.unused_access("unused", kind, ANN, key_id=idle, region="us-east-1")
    key, password = found(account)
    assert key.subject == idle
    assert password.subject.endswith("/password")
    for fix in fixes(account):
        assert isinstance(fix, Plan)
        assert fix.risk is Risk.REVERSIBLE
        for _ in apply_and_undo(account, fix):
            assert fix.subject not in {each.subject for each in found(account)}
    account.use_key(idle, at=account.ago(days=1))
    account.use_password("ann", at=account.ago(days=1))
    assert not found(account)


@pytest.mark.parametrize(
    ("other", "subject"),
    [
        ("unused-role", "/role"),
        ("unused-access-key", ""),
        ("unused-console-password", "/password"),
    ],
)
def test_nobody_is_asked_twice(account: AccountBuilder, other: str, subject: str) -> None:
    """The control on the same thing asks; this one is its evidence."""
    analyzed(account)
    arn = account.role("r", created=account.ago(days=300), last_used=account.ago(days=100))
    account.user("ann", created=account.ago(days=300))
    account.password("ann", created=account.ago(days=300), last_used=account.ago(days=100))
    key = account.key("ann", created=account.ago(days=300), last_used=account.ago(days=100))
    account.unused_access("unused", "UnusedIAMRole", arn, region="us-east-1")
    for kind in ("UnusedIAMUserAccessKey", "UnusedIAMUserPassword"):
        account.unused_access("unused", kind, ANN, key_id=key, region="us-east-1")
    mine = control.CONTROL.id
    enabled = [each for each in controls({mine: SETTINGS}) if each.control.id in (mine, other)]
    asked = ask_once(evaluate(look(account), enabled).seen)
    elsewhere = {
        each.seen.finding.subject: each.asks_elsewhere
        for each in asked
        if each.seen.control.id == mine
    }
    assert len(elsewhere) == 3
    assert [name for name, where in elsewhere.items() if where] == [
        name for name in elsewhere if name.endswith(subject or key)
    ]
    (asks,) = [each for each in asked if each.seen.control.id == other]
    assert asks.asks_elsewhere is None
    assert asks.seen.finding.evidence["also"] == [mine]


@pytest.mark.parametrize(
    "other",
    [
        "unused-access-key",
        "unused-action-permissions",
        "unused-console-password",
        "unused-role",
        "unused-service-permissions",
    ],
)
def test_it_yields_to_the_control_on_the_same_thing(other: str) -> None:
    assert control.CONTROL.id in discover()[other].supersedes


def test_a_policy_that_is_asked_about_for_its_unused_rights_is_asked_about_once(
    account: AccountBuilder,
) -> None:
    """Both name what changes alike, whichever of the two saw it."""
    analyzed(account)
    arn = role(account)
    account.inline("queues", allow("sqs:ListQueues", "sqs:GetQueueUrl"), role=NAME)
    account.use_action(NAME, "sqs:ListQueues", at=account.ago(days=1))
    rights(account, arn, sqs=("GetQueueUrl",))
    theirs = "unused-action-permissions"
    settings = {control.CONTROL.id: SETTINGS, theirs: SETTINGS}
    enabled = [each for each in controls(settings) if each.control.id in settings]
    snapshot = look_for(account, more=PARTS | {Part.POLICY_USE})
    asked = {each.seen.control.id: each for each in ask_once(evaluate(snapshot, enabled).seen)}
    assert asked[control.CONTROL.id].asks_elsewhere == theirs
    assert asked[theirs].seen.finding.evidence["also"] == [control.CONTROL.id]


def test_without_its_details_a_finding_is_left_to_people(account: AccountBuilder) -> None:
    """As AWS gives them out to those who may ask, finding by finding."""
    seed(account)
    finding_of(account)["findingDetails"] = []
    assert "doesn't say which rights" in by_hand(account).reason


def _other_account(account: AccountBuilder) -> None:
    finding_of(account)["resourceOwnerAccount"] = "999988887777"


def _external(account: AccountBuilder) -> None:
    here = analyzer_backends[account.account_id]["us-east-1"]
    here.analyzers["unused"]["type"] = "ACCOUNT"


def _of_a_kind_of_tomorrow(account: AccountBuilder) -> None:
    finding_of(account)["findingType"] = "UnusedByTomorrow"


@pytest.mark.parametrize(
    "change", [_archived, _resolved, _other_account, _external, _of_a_kind_of_tomorrow]
)
def test_what_is_none_of_its_business(account: AccountBuilder, change: Any) -> None:
    seed(account)
    change(account)
    assert not found(account)


def test_without_an_analyzer_nothing_is_found(account: AccountBuilder) -> None:
    account.role("r", created=account.ago(days=300))
    account.analyzer("outside")
    assert not found(account)


def test_who_is_left_out(account: AccountBuilder) -> None:
    """Nobody's break-glass role; what `protected:` names is no less of a finding."""
    seed(account)
    assert not found(account, Protection(break_glass=(f"*:role/{NAME}",)))
    assert found(account, Protection(protected=(f"*:role/{NAME}",)))


def test_no_rule_carries_it_out() -> None:
    """How long access must lie unused is the analyzer's to say, be it a day."""
    assert control.CONTROL.approval_only
