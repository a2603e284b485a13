"""All documents, and the schema files that are kept beside them."""

import json
from collections.abc import Mapping
from pathlib import Path

from bot.reports.documents.anchors import AnchorsDocument, NotedDocument, SigningKeyDocument
from bot.reports.documents.audit import AuditDocument, AuditEventDocument, AuditVerdictDocument
from bot.reports.documents.containment import ContainmentDocument
from bot.reports.documents.control import ControlDocument, ControlsDocument
from bot.reports.documents.document import Document, name_of, schema_of
from bot.reports.documents.execution import ExecutionDocument, ExecutionsDocument
from bot.reports.documents.finding import FindingDocument, FindingsDocument
from bot.reports.documents.forecast import ForecastDocument
from bot.reports.documents.installation import (
    AccountDocument,
    AttestedDocument,
    BackupDocument,
    CodesDocument,
    ConfigDocument,
    DatabaseDocument,
    ForgottenDocument,
    FreezeDocument,
    RestoreDocument,
    SlackDocument,
    TidiedDocument,
)
from bot.reports.documents.policy import (
    PolicyComparisonDocument,
    PolicyExplanationDocument,
    PolicySummaryDocument,
)
from bot.reports.documents.proposal import PlanDocument, ProposalsDocument
from bot.reports.documents.rehearsal import RehearsalsDocument
from bot.reports.documents.reversal import ReversalsDocument
from bot.reports.documents.scan import ScanDocument, ScansDocument
from bot.reports.documents.state import StateDocument
from bot.reports.documents.story import StoryDocument

DOCUMENTS: tuple[type[Document], ...] = (
    ScanDocument,
    ScansDocument,
    StateDocument,
    FindingsDocument,
    FindingDocument,
    PolicySummaryDocument,
    PolicyComparisonDocument,
    PolicyExplanationDocument,
    PlanDocument,
    ProposalsDocument,
    ExecutionsDocument,
    ExecutionDocument,
    RehearsalsDocument,
    ReversalsDocument,
    AccountDocument,
    AttestedDocument,
    FreezeDocument,
    ContainmentDocument,
    StoryDocument,
    ForecastDocument,
    SlackDocument,
    CodesDocument,
    AuditDocument,
    AuditEventDocument,
    AuditVerdictDocument,
    NotedDocument,
    AnchorsDocument,
    SigningKeyDocument,
    ControlsDocument,
    ControlDocument,
    ConfigDocument,
    DatabaseDocument,
    BackupDocument,
    RestoreDocument,
    TidiedDocument,
    ForgottenDocument,
)

#: Where the schema files are; they ship with the package.
SCHEMAS = Path(__file__).parent.parent / "schemas"


def schema_files() -> Mapping[str, str]:
    """Every schema file's name and text: `scan.1.json` and so on."""
    files = {}
    for document in DOCUMENTS:
        name, version = name_of(document)
        files[f"{name}.{version}.json"] = json.dumps(schema_of(document), indent=2) + "\n"
    return files
