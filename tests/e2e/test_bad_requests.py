"""Asked for what can't be done, Locksmith says why and what to do; nothing is changed or lost."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.e2e.clouds import Cloud
from tests.e2e.commands import Locksmith, nothing_lost
from tests.e2e.conftest import EVERYONE, asked


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("findings", "show", "f-nosuch0000"), "f-nosuch0000"),
        (("plan", "f-nosuch0000"), "f-nosuch0000"),
        (("plan", "p-nosuch0000"), "p-nosuch0000"),
        (("approve", "p-nosuch0000", "--digest", "sha256:0"), "p-nosuch0000"),
        (("deny", "f-nosuch0000", "--reason", "no"), "f-nosuch0000"),
        (("snooze", "p-nosuch0000", "--until", "2w"), "p-nosuch0000"),
        (("exempt", "f-nosuch0000", "--reason", "no", "--until", "2w"), "f-nosuch0000"),
        (("apply", "p-nosuch0000"), "p-nosuch0000"),
        (("apply", "--dry-run", "f-nosuch0000"), "f-nosuch0000"),
        (("undo", "x-nosuch0000", "--yes"), "x-nosuch0000"),
        (("settle", "p-nosuch0000", "--reason", "seen to"), "p-nosuch0000"),
        (("executions", "show", "x-nosuch0000"), "x-nosuch0000"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_an_unknown_id(
    words: tuple[str, ...], said: str, locksmith: Locksmith, cloud: Cloud
) -> None:
    """Exit code 2, naming the id; nothing is asked of AWS that changes it."""
    with nothing_lost(locksmith):
        locksmith(*words).failed(2, said)

    assert cloud.writes() == []


def test_an_unknown_control(locksmith: Locksmith) -> None:
    """Exit code 2 with the nearest name."""
    locksmith("controls", "show", "unused-acces-key").failed(
        2, "did you mean `unused-access-key`", hint=False
    )


def test_an_account_that_was_never_scanned(locksmith: Locksmith) -> None:
    """Nothing may be changed where nobody has looked: exit code 5."""
    with nothing_lost(locksmith):
        locksmith("go-live", "999988887777").failed(5, "never scanned")


class TestProposalsThatCannotBeApplied:
    """Each is refused with exit code 5 before anything is written."""

    def test_not_approved(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """Silence is not a yes."""
        question = asked(locksmith, "asked")

        with nothing_lost(locksmith):
            locksmith("apply", question["id"]).failed(5, "nobody has approved it yet")

        assert cloud.writes() == []

    def test_denied(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """A no is remembered, and an approval after it changes nothing."""
        question = asked(locksmith, "denied")
        locksmith.json("deny", question["id"], "--reason", "no")

        with nothing_lost(locksmith):
            locksmith("apply", question["id"]).failed(5, "denied", hint=False)
            locksmith("approve", question["id"], "--digest", question["digest"]).failed(
                5, "denied", hint=False
            )
            locksmith("apply", "--dry-run", question["id"])

        assert cloud.writes() == []

    def test_stale(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """Somebody changed the role after the yes: nothing is written over it."""
        question = asked(locksmith, "stale")
        locksmith.json("approve", question["id"], "--digest", question["digest"])
        narrower = json.dumps(EVERYONE).replace('"*"', '"arn:aws:iam::123456789012:root"')
        cloud.client().update_assume_role_policy(RoleName="stale", PolicyDocument=narrower)
        cloud.heal()

        with nothing_lost(locksmith):
            locksmith("apply", question["id"]).failed(5, question["id"], "seen:", hint=False)
            locksmith("apply", question["id"]).failed(5, "stale", hint=False)

        assert cloud.writes() == []
        shown = locksmith.json("plan", question["id"])
        assert shown["proposal"]["state"] == "stale"

    def test_applied_already(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """What is done isn't done twice."""
        question = asked(locksmith, "applied")
        locksmith.json("approve", question["id"], "--digest", question["digest"])
        locksmith.json("apply", question["id"])
        cloud.heal()

        with nothing_lost(locksmith):
            locksmith("apply", question["id"]).failed(5, "done", hint=False)

        assert cloud.writes() == []

    def test_of_another_account(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """Signed in elsewhere, neither applied nor shown as if it were here."""
        open_question = asked(locksmith, "kept")
        question = asked(locksmith, "asked")
        locksmith.json("approve", question["id"], "--digest", question["digest"])
        elsewhere = locksmith.but(**cloud.keys_of("999988887777"))
        cloud.heal()

        with nothing_lost(locksmith):
            for words in (
                ("apply", question["id"]),
                ("apply", "--dry-run", question["id"]),
                ("plan", open_question["id"]),
            ):
                elsewhere(*words).failed(5, cloud.account, "999988887777")

        assert cloud.writes() == []

    def test_by_hand(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """What AWS leaves to people is not applied; the plan lists the steps."""
        finding = locksmith.finding("no-multi-region-trail", cloud.account)
        proposal = finding["proposal"]["id"]

        with nothing_lost(locksmith):
            locksmith("apply", proposal).failed(5, "by hand")

        assert finding["remediation"]["kind"] == "manual"
        assert locksmith.json("plan", proposal)["plan"]["steps"]


class TestDigests:
    """A yes is for one digest."""

    @pytest.mark.parametrize(
        "digest", ["sha256:" + "0" * 64, "", "*"], ids=["another", "none", "star"]
    )
    def test_another_digest(self, digest: str, locksmith: Locksmith, cloud: Cloud) -> None:
        """Refused, and said in the log."""
        question = asked(locksmith, "asked")

        with nothing_lost(locksmith):
            locksmith("approve", question["id"], "--digest", digest).failed(5, hint=False)

        assert locksmith.json("plan", question["id"])["proposal"]["state"] == "proposed"
        assert cloud.writes() == []

    def test_the_plan_changed_since(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """A new look finds another trust policy: the old digest is void, the old yes too."""
        question = asked(locksmith, "changed")
        locksmith.json("approve", question["id"], "--digest", question["digest"])
        other = json.dumps(EVERYONE).replace('{"AWS": "*"}', '"*"')
        cloud.client().update_assume_role_policy(RoleName="changed", PolicyDocument=other)
        locksmith.json("scan")
        cloud.heal()
        anew = asked(locksmith, "changed")

        with nothing_lost(locksmith):
            locksmith("apply", question["id"]).failed(5, "stale", hint=False)
            locksmith("approve", anew["id"], "--digest", question["digest"]).failed(5, hint=False)

        assert anew["digest"] != question["digest"]
        assert cloud.writes() == []

    def test_someone_changed_the_stored_plan(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """An approved plan that is no longer what was approved is never carried out."""
        question = asked(locksmith, "asked")
        locksmith.json("approve", question["id"], "--digest", question["digest"])
        with closing(sqlite3.connect(locksmith.database)) as connection, connection:
            changed = connection.execute(
                "UPDATE proposal SET plan = replace(plan, '\"asked\"', '\"denied\"') WHERE id = ?",
                [question["id"]],
            )
        assert changed.rowcount == 1

        locksmith("apply", question["id"]).failed(5, "digest", hint=False)

        assert cloud.writes() == []


@pytest.mark.parametrize(
    "words", [("approve", "{id}"), ("undo", "x-anything")], ids=["approve", "undo"]
)
def test_without_a_terminal_silence_is_no_yes(words: tuple[str, ...], locksmith: Locksmith) -> None:
    """Nobody is there to ask: exit code 2, and how to say it."""
    question = asked(locksmith, "asked")

    with nothing_lost(locksmith):
        outcome = locksmith(*(word.format(**question) for word in words))

    outcome.failed(2, "nobody is here to ask", hint=False)


@pytest.mark.parametrize(
    "words",
    [
        ("apply",),
        ("plan", "asked"),
        ("plan", "f-"),
        ("plan", "f-abc", "f-def"),
        ("executions", "show", "p-abc"),
        ("go-live", "12345"),
        ("go-live", "\uff11" * 12),
        ("snooze", "p-abc", "--until", "soon"),
        ("snooze", "p-abc", "--until", "2020-01-01"),
        ("deny", "p-abc"),
        ("deny", "p-abc", "--reason", " "),
        ("scan", "--fail-on", "severe"),
        ("scan", "--password-policy", "policy.json"),
        ("approve", "p-abc", "p-def", "--digest", "sha256:0"),
        ("undo", "x-abc", "--yes", "--propose"),
        ("audit", "show", "--limit", "0"),
        ("scna",),
        ("--output", "xml", "scan"),
        ("--db", "postgresql://me:secret-password@db/locksmith", "findings"),
        ("demo", "--users", "0"),
    ],
    ids=" ".join,
)
def test_a_command_that_makes_no_sense(words: tuple[str, ...], unsigned: Locksmith) -> None:
    """Exit code 2 and how it is written; not even a database is made."""
    outcome = unsigned(*words)

    assert outcome.code == 2, outcome
    assert "rror: " in outcome.err
    assert "secret-password" not in outcome.err
    assert outcome.out == ""
    assert not unsigned.database.exists()
