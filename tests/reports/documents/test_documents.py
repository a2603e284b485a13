"""JSON output keeps to its schema files, and the schema files to the models."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.config import load
from bot.engine.anchor_checking import AnchorsVerdict, Judged, Standing, TargetVerdict
from bot.engine.anchoring import Noted
from bot.engine.planner import Remediation
from bot.engine.signing import new_key
from bot.engine.story import Chapter, Story
from bot.engine.taking_back import Reversal
from bot.engine.tidying import Tidied
from bot.errors import AwsError
from bot.model import Anchor, Attested, Freeze, Greeting, KeyReference, Placed, ProposalState
from bot.policy import compare, explain, parse_document, summary_of
from bot.reports.documents.anchors import (
    anchors_document,
    noted_document,
    signing_key_document,
)
from bot.reports.documents.audit import (
    audit_document,
    audit_event_document,
    audit_verdict_document,
)
from bot.reports.documents.catalogue import DOCUMENTS, SCHEMAS, schema_files
from bot.reports.documents.containment import containment_document
from bot.reports.documents.control import control_document, controls_document
from bot.reports.documents.document import Document, line, name_of, pieces, text
from bot.reports.documents.execution import execution_document, executions_document
from bot.reports.documents.finding import finding_document, findings_document
from bot.reports.documents.forecast import forecast_document
from bot.reports.documents.installation import (
    account_document,
    attested_document,
    backup_document,
    codes_document,
    config_document,
    database_document,
    forgotten_document,
    freeze_document,
    restore_document,
    slack_document,
    tidied_document,
)
from bot.reports.documents.policy import (
    policy_comparison_document,
    policy_explanation_document,
    policy_summary_document,
)
from bot.reports.documents.proposal import (
    plan_of_finding,
    plan_of_proposal,
    proposals_document,
)
from bot.reports.documents.rehearsal import rehearsals_document
from bot.reports.documents.reversal import reversals_document
from bot.reports.documents.scan import long_scan, scan_document, scans_document
from bot.reports.documents.state import state_document
from bot.reports.documents.story import story_document
from bot.store.accounts import AccountRecord
from bot.store.audit import AuditVerdict
from bot.store.checking import Contents
from bot.store.restoring import Restored
from bot.store.upgrading import Upgrade
from tests.reports.samples import (
    ACCOUNT,
    ALICE,
    BY_HAND,
    CONTROL,
    EVENT,
    FINDING,
    KEY_ID,
    NOT_GIVEN,
    NOW,
    PLAN,
    TRAILS_GAP,
    containment,
    days_ago,
    decision,
    execution,
    foreseen,
    proposal,
    proposal_view,
    record,
    rehearsal,
    scan_result,
    state,
    view,
)

UNNAMED = view(
    record=record(
        finding=replace(
            FINDING,
            resource=replace(FINDING.resource, key=KeyReference("ann", "AIDAANN", 2, days_ago(9))),
        )
    ),
    remediation=Remediation("plan", PLAN, None, "key_id"),
)
MANUAL = view(
    remediation=Remediation("manual", BY_HAND, BY_HAND.digest()), proposal=proposal(plan=BY_HAND)
)
CONTENTS = Contents(Path("b.db"), "0002", "0" * 32, 9, "ab", NOW)
POLICY = parse_document(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}},
    where="a.json",
)
PLACED = Placed(Anchor("d" * 32, 7, "a" * 64, NOW), "file:/a", "byte 0")
SAMPLES: dict[str, Document] = {
    "scan": scan_document(
        scan_result(
            findings=(view(), UNNAMED, MANUAL),
            unavailable=(TRAILS_GAP, NOT_GIVEN),
            not_evaluated={"a": "b"},
        )
    ),
    "scans": scans_document([scan_result()], {"210987654321": AwsError("it can't be entered")}),
    "status": state_document(state()),
    "status without trouble": state_document(state(well=True)),
    "scan of files": scan_document(scan_result(offline=True, report_generated=None, calls={})),
    "findings": findings_document([view(), view(remediation=None), view(proposal=None)]),
    "finding": finding_document(view(remediation=None, proposal=None)),
    "plan of a finding": plan_of_finding(view()),
    "plan of a resolved finding": plan_of_finding(view(remediation=None, proposal=None)),
    "plan by hand": plan_of_finding(MANUAL),
    "plan of a proposal": plan_of_proposal(proposal_view()),
    "proposals": proposals_document(
        [replace(proposal_view(), decisions=(decision(),), execution=execution())]
    ),
    "executions": executions_document([execution(), execution(finished_at=None)]),
    "execution": execution_document(execution()),
    "rehearsals": rehearsals_document([rehearsal(), rehearsal(refusals=("no",))]),
    "reversals": reversals_document(
        [
            Reversal(execution(), proposal(), PLAN),
            Reversal(execution(undone_by="x-1"), proposal(), None, "undone already"),
        ],
        "sha256:abc",
    ),
    "policy summary": policy_summary_document("a.json", summary_of(POLICY)),
    "policy comparison": policy_comparison_document("a.json", "b.json", compare([POLICY], [])),
    "policy explanation": policy_explanation_document("a.json", explain(POLICY)),
    "story": story_document(
        Story(
            record().account,
            "a subject",
            "ann",
            [record()],
            [Chapter(proposal(), execution(undone_by="x-1")), Chapter(proposal(), None)],
            {"last used": "2026-09-01T00:00:00Z"},
            ["Decide it"],
        )
    ),
    "codes": codes_document("U0123456789", enrolled=True),
    "slack": slack_document(Greeting("T1", "House", "U1", "https://house.slack.com/", "B1")),
    "freeze": freeze_document(Freeze(NOW, ALICE, "an incident", NOW, ALICE)),
    "attested": attested_document(Attested("123456789012", 2, NOW)),
    "containment": containment_document(containment()),
    "forecast": forecast_document(foreseen(), days=30),
    "account": account_document(AccountRecord(ACCOUNT, "live", NOW, "alice", NOW)),
    "audit": audit_document([EVENT]),
    "audit event": audit_event_document(EVENT),
    "audit verdict": audit_verdict_document(
        AuditVerdict(ok=False, events=9, head_seq=9, head_hash="x", problem="row 3", at_seq=3)
    ),
    "controls": controls_document([CONTROL]),
    "control": control_document(CONTROL),
    "config": config_document(load(Path("/dev/null"), {"LOCKSMITH_AWS__REGION": "x"}), 3),
    "anchor": noted_document([Noted("file:/a", PLACED), Noted("s3://a/", None, trouble="denied")]),
    "anchors": anchors_document(
        AnchorsVerdict(
            AuditVerdict(ok=True, events=9, head_seq=9, head_hash="x"),
            (
                TargetVerdict("file:/a", (Judged(Standing.FITS, PLACED.anchor, "byte 0"),)),
                TargetVerdict("s3://a/", unreachable="denied"),
            ),
            signatures=True,
        )
    ),
    "signing key": signing_key_document(new_key()[1]),
    "tidied": tidied_document(Tidied(1, 2, 3, 4)),
    "forgotten": forgotten_document(3),
    "backup": backup_document(Path("b.db"), CONTENTS),
    "dump": backup_document(Path("b.dump")),
    "restore": restore_document("l.db", Restored(CONTENTS, CONTENTS, Path("l.db.replaced"))),
    "database": database_document("sqlite:///x", "0002", "0002"),
    "database upgrade": database_document(
        "sqlite:///x", "0002", "0002", Upgrade("0001", "0002", Path("backup"))
    ),
}


def test_the_schema_files_are_what_the_models_say() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in SCHEMAS.glob("*.json")}

    assert kept == dict(schema_files())


def test_every_schema_is_valid_and_has_a_name_of_its_own() -> None:
    for content in schema_files().values():
        Draft202012Validator.check_schema(json.loads(content))
    assert len(schema_files()) == len(DOCUMENTS)


def test_every_document_has_a_sample_here() -> None:
    assert {type(sample) for sample in SAMPLES.values()} == set(DOCUMENTS)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())
def test_a_document_validates_against_its_file(sample: Document) -> None:
    name, version = name_of(type(sample))
    schema = json.loads((SCHEMAS / f"{name}.{version}.json").read_text(encoding="utf-8"))
    data = json.loads(text(sample))

    assert data["schema"] == f"locksmith.{name}/{version}"
    assert next(iter(data)) == "schema"
    assert data == json.loads(line(sample))
    assert "\n" not in line(sample)
    assert text(sample) == json.dumps(data, indent=2)
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(data)


def test_a_document_that_lacks_or_adds_a_name_does_not_validate() -> None:
    validator = Draft202012Validator(json.loads(schema_files()["scan.1.json"]))
    data = json.loads(text(SAMPLES["scan"]))

    assert validator.is_valid(data)
    assert not validator.is_valid({**data, "more": 1})
    del data["findings"][0]["remediation"]["digest"]
    assert not validator.is_valid(data)


def scanned() -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = json.loads(text(SAMPLES["scan"]))["findings"]
    return findings


def test_a_named_key_has_its_id_and_an_unnamed_one_its_slot() -> None:
    named, unnamed, _ = (finding["resource"] for finding in scanned())

    assert (named["user"], named["slot"], named["key_id"]) == ("ann", 1, KEY_ID)
    assert (unnamed["user"], unnamed["slot"]) == ("ann", 2)
    assert "key_id" not in unnamed
    assert unnamed["created"] == "2026-11-15T12:00:00Z"


def test_what_can_not_be_decided_yet_has_no_digest_and_says_what_it_needs() -> None:
    plan, unnamed, manual = (finding["remediation"] for finding in scanned())

    assert (plan["kind"], plan["risk"], plan["needs"]) == ("plan", "reversible", None)
    assert plan["digest"] == PLAN.digest()
    assert (unnamed["digest"], unnamed["needs"]) == (None, "key_id")
    assert (manual["kind"], manual["risk"]) == ("manual", None)


def test_a_remembered_finding_takes_its_fix_from_its_open_question() -> None:
    remembered = findings_document(
        [
            view(remediation=None),
            view(remediation=None, proposal=proposal(state=ProposalState.DENIED)),
            view(remediation=None, proposal=proposal(plan=BY_HAND)),
        ]
    ).findings

    assert remembered[0].remediation is not None
    assert remembered[0].remediation.digest == PLAN.digest()
    assert remembered[1].remediation is None
    assert remembered[2].remediation is not None
    assert remembered[2].remediation.kind == "manual"


def test_a_resource_that_is_no_key_has_no_key_fields() -> None:
    user = replace(FINDING, resource=replace(FINDING.resource, key=None))
    found = json.loads(text(finding_document(view(record=record(finding=user)))))

    assert set(found["finding"]["resource"]) == {"type", "name", "arn", "unique_id"}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_long_scan_is_written_as_any_other(count: int) -> None:
    result = scan_result(findings=(view(),) * count)

    assert text(long_scan(result)) == text(scan_document(result))
    assert [*pieces(long_scan(result))][-1] == "\n}"


def test_names_can_not_steer_a_terminal_through_json() -> None:
    nasty = replace(FINDING, summary="a\x1b[2J\u202e\x9b\x7f\r\n  b")

    written = text(finding_document(view(record=record(finding=nasty))))

    assert written.isascii()
    assert not {"\x1b", "\x7f", "\r"} & set(written)
    assert json.loads(written)["finding"]["summary"] == nasty.summary
