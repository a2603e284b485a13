"""`audit`: the log, anchors of it, and the keys that sign them."""

import json
from pathlib import Path

import pytest

from bot.engine.anchor_checking import AnchorsVerdict, Judged, Standing, TargetVerdict
from bot.engine.anchoring import Noted
from bot.engine.signing import LocalSigner, fingerprint, new_key
from bot.errors import ExitCode, LocksmithError
from bot.model import Anchor, Placed
from bot.store.audit import AuditVerdict
from tests.cli.conftest import Shell, validate
from tests.reports.samples import NOW

ANCHOR = Anchor("d" * 32, 7, "a" * 64, NOW)
PLACED = Placed(ANCHOR, "file:/anchors", "byte 0")
WHOLE = AuditVerdict(ok=True, events=9, head_seq=9, head_hash="b" * 64)
BROKEN = AuditVerdict(
    ok=False, events=9, head_seq=9, head_hash="x", problem="row 3 is missing", at_seq=3
)


def test_the_log_is_shown(shell: Shell) -> None:
    assert "proposal.approved" in shell("audit").out
    shell("audit", "p-3x8w5c1z")
    shell("audit", "show", "p-3x8w5c1z", "--limit", "1")

    assert shell.service.asked == [
        ("audit_events", None, 50),
        ("audit_events", "p-3x8w5c1z", 50),
        ("audit_events", "p-3x8w5c1z", 1),
    ]
    assert shell("audit", "--output", "json").document()["events"][0]["seq"] == 7
    assert "The newest 1; --limit shows more." in shell("audit", "--limit", "1").out


def test_a_whole_log_is_fine_and_a_broken_one_is_not(shell: Shell) -> None:
    assert shell("audit", "verify").code == ExitCode.FINE
    shell.service.verdict = BROKEN

    outcome = shell("audit", "verify", "--output", "json")

    assert outcome.code == ExitCode.TROUBLE
    assert outcome.document()["at_seq"] == 3
    assert "row 3 is missing" in shell("audit", "verify").out


def test_the_log_is_exported_as_json_lines(shell: Shell) -> None:
    lines = shell("audit", "export").out.splitlines()

    assert len(lines) == 2
    for line in lines:
        validate(json.loads(line))


class TestAnchor:
    def test_each_place_is_told(self, shell: Shell) -> None:
        shell.doors.anchors.noted = [
            Noted("file:/anchors", PLACED),
            Noted("slack:C1", PLACED, before=True),
        ]

        outcome = shell("audit", "anchor")

        assert outcome.code == ExitCode.FINE
        assert f"file:/anchors: row 7 {'a' * 64}" in outcome.out
        assert "is there already" in outcome.out

    def test_one_that_did_not_work_is_trouble(self, shell: Shell) -> None:
        shell.doors.anchors.noted = [
            Noted("s3://anchors/", None, trouble="no Object Lock"),
            Noted("file:/anchors", PLACED),
        ]

        outcome = shell("audit", "anchor", "--output", "json")

        assert outcome.code == ExitCode.TROUBLE
        first, second = outcome.document()["targets"]
        assert (first["anchor"], first["trouble"]) == (None, "no Object Lock")
        assert second["reference"] == "byte 0"
        assert "not noted down: no Object Lock" in shell("audit", "anchor").out

    def test_an_empty_log_is_told(self, shell: Shell) -> None:
        assert "nothing to note down" in shell("audit", "anchor").out


def compared(*standings: Standing, chain: AuditVerdict = WHOLE) -> AnchorsVerdict:
    judged = tuple(Judged(each, ANCHOR, "byte 0", f"said of {each}") for each in standings)
    return AnchorsVerdict(chain, (TargetVerdict("file:/anchors", judged),), signatures=False)


class TestVerify:
    @pytest.mark.parametrize(
        ("verdict", "code"),
        [
            (compared(Standing.FITS), ExitCode.FINE),
            (compared(Standing.FITS, Standing.UNSIGNED), ExitCode.FINE),
            (compared(Standing.FITS, Standing.REWRITTEN), ExitCode.REWRITTEN),
            (compared(Standing.FITS, Standing.TRUNCATED), ExitCode.TRUNCATED),
            (compared(Standing.FITS, Standing.REMOVED), ExitCode.ANCHOR_GONE),
            (compared(Standing.FITS, Standing.ALTERED), ExitCode.ANCHOR_GONE),
            (compared(Standing.FITS, Standing.FORGED), ExitCode.ANCHOR_GONE),
            (compared(Standing.FITS, Standing.NOT_TOLD), ExitCode.UNREAD),
            (compared(Standing.UNSIGNED), ExitCode.UNREAD),
            (compared(), ExitCode.UNREAD),
            (compared(Standing.REMOVED, Standing.TRUNCATED), ExitCode.TRUNCATED),
            (compared(Standing.REMOVED, Standing.REWRITTEN), ExitCode.REWRITTEN),
            (compared(Standing.NOT_TOLD, Standing.REMOVED), ExitCode.ANCHOR_GONE),
            (compared(Standing.REWRITTEN, chain=BROKEN), ExitCode.TROUBLE),
            (
                AnchorsVerdict(
                    WHOLE, (TargetVerdict("s3://x/", unreachable="denied"),), signatures=True
                ),
                ExitCode.UNREAD,
            ),
        ],
        ids=lambda value: value.name if isinstance(value, ExitCode) else "",
    )
    def test_each_case_has_a_code_of_its_own(
        self, shell: Shell, verdict: AnchorsVerdict, code: ExitCode
    ) -> None:
        shell.doors.anchors.compared = verdict

        outcome = shell("audit", "verify", "--anchors")

        assert outcome.code == code
        for target in verdict.targets:
            assert target.target in outcome.out
            assert target.unreachable is None or "nothing is known" in outcome.out
            for one in target.judged:
                assert one.standing is Standing.FITS or one.said in outcome.out
        assert shell("audit", "verify", "--anchors", "--output", "json").document()

    def test_what_is_not_covered_is_told(self, shell: Shell) -> None:
        shell.doors.anchors.compared = compared(Standing.FITS)

        out = " ".join(shell("audit", "verify", "--anchors").out.split())

        assert "2 rows since could be rewritten unseen" in out
        assert "Signatures were not checked" in out

    def test_a_restore_that_the_log_tells_of_explains(self, shell: Shell) -> None:
        shell.doors.anchors.compared = AnchorsVerdict(
            WHOLE,
            compared(Standing.REWRITTEN).targets,
            signatures=True,
            restored=("row 5: b.db was restored",),
            dropped=("slack:C1",),
        )

        out = " ".join(shell("audit", "verify", "--anchors").out.split())

        assert "The log says, in row 5: b.db was restored." in out
        assert "slack:C1 has anchors and is not configured any more" in out

    def test_replaced_databases_are_passed_on(self, shell: Shell) -> None:
        shell.doors.anchors.compared = compared(Standing.FITS)

        shell("audit", "verify", "--anchors", "--replaced", "a.db", "--replaced", "b.db")

        assert shell.doors.anchors.replaced == (Path("a.db"), Path("b.db"))
        alone = shell("audit", "verify", "--replaced", "a.db")
        assert alone.code == ExitCode.USAGE
        assert "needs --anchors" in alone.err


class TestKeys:
    def test_the_private_key_goes_to_a_private_file_and_nowhere_else(self, shell: Shell) -> None:
        outcome = shell("audit", "keygen", "anchors.key")

        private = Path("anchors.key").read_text()
        assert outcome.code == ExitCode.FINE
        assert Path("anchors.key").stat().st_mode & 0o777 == 0o600
        assert outcome.out == LocalSigner(private).public_key()
        assert fingerprint(outcome.out) in outcome.err
        secret = private.splitlines()[1]
        assert secret not in outcome.out + outcome.err

    def test_nothing_is_overwritten(self, shell: Shell) -> None:
        Path("anchors.key").write_text("precious")

        outcome = shell("audit", "keygen", "anchors.key")

        assert outcome.code == ExitCode.REFUSED
        assert Path("anchors.key").read_text() == "precious"

    def test_programs_get_the_public_key(self, shell: Shell) -> None:
        document = shell("audit", "keygen", "anchors.key", "--output", "json").document()

        assert document["key"] == fingerprint(document["public_key"])

    def test_the_public_key_of_the_signer(self, shell: Shell) -> None:
        assert shell("audit", "public-key").code == ExitCode.USAGE
        private, public = new_key()
        shell.doors.anchors.signer = LocalSigner(private)

        assert shell("audit", "public-key").out == public


def test_what_is_wrong_with_the_places_is_told(shell: Shell) -> None:
    shell.doors.anchors.error = LocksmithError("no place is configured")

    for command in (["anchor"], ["verify", "--anchors"]):
        outcome = shell("audit", *command)
        assert outcome.code == ExitCode.TROUBLE
        assert "no place is configured" in outcome.err
