"""The IAM policy language: documents, matching, decisions, administration, trust, narrower forms.

Pure: texts and values in, values out. It knows the documents it is given and nothing of AWS.
"""

from bot.policy.administration import (
    ADMINISTRATION,
    Administration,
    Answer,
    FullAccess,
    administers_iam,
    full_administration_of,
    grants_full_administration,
)
from bot.policy.arns import KnownArns
from bot.policy.aws_managed import AwsPolicy, aws_managed_dated, aws_managed_policies
from bot.policy.cannot_tell import CannotTell
from bot.policy.comparing import Difference, Relation, Right, compare
from bot.policy.conditioning import (
    Tightening,
    denied_from_elsewhere,
    denied_without_mfa,
    denies_others,
    must_name,
    named_sources,
    tightened,
)
from bot.policy.constraints import Conditions, Constraint, Resources, takes_in_all
from bot.policy.containment import (
    AWS_FENCE,
    CONTAINMENT_FENCE,
    contained_since,
    containment_document,
    is_containment,
)
from bot.policy.dates import ends_at, until
from bot.policy.decision import Decision, Verdict, applies_to_action, decide
from bot.policy.document import (
    Condition,
    Document,
    PolicyDocumentError,
    Principal,
    Statement,
    canonical,
    document_hash,
    parse_document,
)
from bot.policy.equality import Comparison, same_rights
from bot.policy.escalation import SERVICE_WAYS, ServiceWay
from bot.policy.expansion import (
    Expansion,
    all_actions,
    expand,
    expand_all,
    known_service,
    statement_actions,
)
from bot.policy.explaining import Explained, explain
from bot.policy.giving_back import with_actions_of
from bot.policy.levels import (
    BLINDING_ACTIONS,
    AccessLevel,
    access_levels,
    relabelled_because,
    takes_resources,
)
from bot.policy.matching import (
    Match,
    action_covers,
    covers,
    just,
    match_resource,
    matches_action,
    overlaps,
)
from bot.policy.narrowing import (
    closed_trust,
    without_full_administration,
    without_principals,
    without_statements,
)
from bot.policy.proof_of_mfa import Proof, as_said_to
from bot.policy.resource_kinds import all_of_kind, may_be_about
from bot.policy.settling import as_passed_to
from bot.policy.summary import Summary, summary_of
from bot.policy.transport import requires_tls, with_tls_required
from bot.policy.trimming import Trimmed, without_actions
from bot.policy.trust import (
    Openness,
    OpenTrust,
    deleted_principals,
    foreign_principals,
    open_principals,
)
from bot.policy.trust_conditions import (
    asks_for_external_id,
    named_accounts,
    named_organizations,
)
from bot.policy.web_identity import AnySubject, any_subjects
from bot.policy.wire import document_size

__all__ = [
    # documents
    "Condition",
    "Document",
    "PolicyDocumentError",
    "Principal",
    "Statement",
    "canonical",
    "document_hash",
    "document_size",
    "parse_document",
    # patterns and actions
    "KnownArns",
    "Match",
    "action_covers",
    "covers",
    "match_resource",
    "may_be_about",
    "matches_action",
    "overlaps",
    "takes_in_all",
    "Expansion",
    "all_actions",
    "all_of_kind",
    "expand",
    "expand_all",
    "known_service",
    "statement_actions",
    "BLINDING_ACTIONS",
    "AccessLevel",
    "access_levels",
    "relabelled_because",
    "takes_resources",
    # what documents allow
    "CannotTell",
    "Decision",
    "Verdict",
    "applies_to_action",
    "decide",
    "ADMINISTRATION",
    "Administration",
    "Answer",
    "FullAccess",
    "administers_iam",
    "full_administration_of",
    "grants_full_administration",
    "Comparison",
    "same_rights",
    "Explained",
    "explain",
    "Difference",
    "Relation",
    "Right",
    "compare",
    "Summary",
    "summary_of",
    "Conditions",
    "Constraint",
    "Resources",
    "Proof",
    "as_said_to",
    "as_passed_to",
    "SERVICE_WAYS",
    "ServiceWay",
    # AWS's own policies
    "AwsPolicy",
    "aws_managed_dated",
    "aws_managed_policies",
    # trust policies
    "Openness",
    "OpenTrust",
    "AnySubject",
    "any_subjects",
    "asks_for_external_id",
    "deleted_principals",
    "foreign_principals",
    "named_accounts",
    "named_organizations",
    "open_principals",
    # the fence in an incident
    "AWS_FENCE",
    "CONTAINMENT_FENCE",
    "contained_since",
    "containment_document",
    "is_containment",
    "just",
    # narrower forms
    "Tightening",
    "denied_from_elsewhere",
    "denied_without_mfa",
    "denies_others",
    "ends_at",
    "must_name",
    "named_sources",
    "until",
    "tightened",
    "requires_tls",
    "with_tls_required",
    "closed_trust",
    "without_full_administration",
    "Trimmed",
    "without_actions",
    "with_actions_of",
    "without_principals",
    "without_statements",
]
