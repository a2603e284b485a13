"""From snapshots to findings: what a control could not look at is said, and hides nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Never

import pytest

from bot.engine.planner import ask_once, evaluate, remedy
from bot.errors import PlanError
from bot.model import Account, Finding, Manual, OrganizationAccounts, Part, Role, Snapshot
from bot.registry import Enabled, controls
from tests.remediations.people import ago, key, person, seen

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OPEN = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}'


def _role(name: str, trust: str) -> Role:
    arn = f"arn:aws:iam::123456789012:role/{name}"
    return Role(name, f"AROA{name}", arn, "/", NOW, trust=trust)


def _snapshot(*roles: Role) -> Snapshot:
    known = {Part.ROLES: roles, Part.ORGANIZATION_ACCOUNTS: OrganizationAccounts()}
    parts = dict.fromkeys(Part, ()) | known
    return Snapshot(Account("123456789012"), NOW, parts=parts)


def test_a_document_that_cannot_be_read_is_neither_a_pass_nor_the_end() -> None:
    """The control that stumbles is not evaluated and names the document; the others go on."""
    wanted = ("wildcard-trust-policy", "full-admin-policy")
    enabled = [each for each in controls({}) if each.control.id in wanted]

    seen = evaluate(_snapshot(_role("odd", '{"Statement":[{}]}'), _role("open", OPEN)), enabled)

    assert seen.evaluated == {"full-admin-policy"}
    assert set(seen.not_evaluated) == {"wildcard-trust-policy"}
    assert "the trust policy of role odd can't be read" in seen.not_evaluated[wanted[0]]


def test_readable_documents_are_evaluated() -> None:
    """The same account without the odd document has its finding."""
    enabled = [each for each in controls({}) if each.control.id == "wildcard-trust-policy"]

    seen = evaluate(_snapshot(_role("open", OPEN)), enabled)

    assert [each.finding.resource.name for each in seen.seen] == ["open"]


def _broken(enabled: Enabled, **how: object) -> Enabled:
    return replace(enabled, control=replace(enabled.control, **how))  # type: ignore[arg-type]


def _fails(snapshot: Snapshot, _settings: object) -> Iterator[Finding]:
    raise LookupError(f"in the text of {snapshot.roles[0].trust}")
    yield


@pytest.mark.defects
def test_a_control_with_a_bug_is_not_evaluated_and_ends_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The others go on; no text that was being read gets into the answer or the log."""
    trust, admin = (
        next(each for each in controls({}) if each.control.id == wanted)
        for wanted in ("wildcard-trust-policy", "full-admin-policy")
    )

    seen = evaluate(_snapshot(_role("open", OPEN)), [_broken(admin, detect=_fails), trust])

    assert [each.control.id for each in seen.seen] == ["wildcard-trust-policy"]
    assert seen.evaluated == {"wildcard-trust-policy"}
    assert seen.not_evaluated == {
        "full-admin-policy": "full-admin-policy failed with LookupError, which is a bug; report it"
    }
    assert "in _fails" in caplog.text
    assert "sts:AssumeRole" not in caplog.text


@pytest.mark.defects
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PlanError("two names are one"), "No plan could be made: two names are one"),
        (
            KeyError("secret"),
            "No plan could be made: wildcard-trust-policy failed with KeyError, which is a bug; report it",  # noqa: E501
        ),
    ],
)
def test_where_no_plan_can_be_made_the_finding_stands_and_people_fix_it(
    error: Exception, said: str
) -> None:
    def fails(*_: object) -> Never:
        raise error

    trust = next(each for each in controls({}) if each.control.id == "wildcard-trust-policy")
    snapshot = _snapshot(_role("open", OPEN))
    (one,) = evaluate(snapshot, [_broken(trust, plan=fails)]).seen

    fix = remedy(one, snapshot, check=lambda _plan: None)

    assert isinstance(fix.plan, Manual)
    assert fix.plan.reason == said
    assert "locksmith controls show wildcard-trust-policy" in fix.plan.steps[0]


KEY = key(created=ago(300), last_used=ago(200))
NAMED = key(created=ago(300), last_used=ago(200), key_id="AKIA1")


def test_what_is_about_a_whole_user_asks_for_everything_of_that_user() -> None:
    """Alice is idle as a whole: the fence is asked about before her key; bob's key is his alone."""
    wanted = ("inactive-user", "unused-access-key", "policy-attached-to-user")
    enabled = [each for each in controls({}) if each.control.id in wanted]
    policy = ("arn:aws:iam::aws:policy/ReadOnlyAccess",)
    alice = person(keys=(KEY,), attached=policy)
    bob = person("bob", password=True, changed=ago(300), used=ago(1), keys=(KEY,))
    parts = {part: () for part in Part if part not in seen().parts}

    asked = ask_once(evaluate(seen(alice, bob, parts=parts), enabled).seen)

    assert {
        (each.seen.finding.resource.arn[-5:], each.seen.control.id): each.asks_elsewhere
        for each in asked
    } == {
        ("alice", "inactive-user"): None,
        ("alice", "unused-access-key"): "inactive-user",
        ("alice", "policy-attached-to-user"): None,
        ("r/bob", "unused-access-key"): None,
    }


@pytest.mark.parametrize(
    ("keys", "listed", "needs"),
    [
        pytest.param((KEY,), (), "key_id", id="a key that nothing names yet"),
        pytest.param((KEY,), (NAMED,), None, id="named"),
        pytest.param((), (), None, id="without keys"),
    ],
)
def test_a_plan_about_a_user_waits_for_the_names_of_the_keys(
    keys: tuple[object, ...], listed: tuple[object, ...], needs: str | None
) -> None:
    """Its last look is at each key, so nobody decides about it before."""
    enabled = [each for each in controls({}) if each.control.id == "inactive-user"]
    snapshot = seen(person(keys=keys, listed=listed), parts={Part.SERVICE_CREDENTIALS: ()})
    (one,) = evaluate(snapshot, enabled).seen

    fix = remedy(one, snapshot, check=lambda _plan: None)

    assert fix.needs == needs
    assert (fix.digest is None) is (needs is not None)
