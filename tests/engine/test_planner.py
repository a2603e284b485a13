"""From snapshots to findings: what a control could not look at is said, and hides nothing else."""

from datetime import UTC, datetime

from bot.engine.planner import evaluate
from bot.model import Account, Part, Role, Snapshot
from bot.registry import controls

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
