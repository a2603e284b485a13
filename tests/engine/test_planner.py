"""From snapshots to findings: what a control could not look at is said, and hides nothing else."""

from datetime import UTC, datetime

import pytest

from bot.engine.planner import ask_once, evaluate, remedy
from bot.model import Account, Part, Role, Snapshot
from bot.registry import controls
from tests.remediations.people import ago, key, person, seen

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OPEN = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}'


def _role(name: str, trust: str) -> Role:
    arn = f"arn:aws:iam::123456789012:role/{name}"
    return Role(name, f"AROA{name}", arn, "/", NOW, trust=trust)


def _snapshot(*roles: Role) -> Snapshot:
    parts = dict.fromkeys(Part, ()) | {Part.ROLES: roles}
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
