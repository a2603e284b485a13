"""Whether a resource's policy turns away requests that come without TLS, and how it would.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-ssl-requests-only.html
"""

from collections.abc import Collection

from bot.policy.document import Condition, Document, Principal, Statement
from bot.policy.matching import action_covers, covers
from bot.policy.rewriting import Json, items_of

_EVERYONE = frozenset({Principal("*", "*"), Principal("AWS", "*")})
SID = "OnlyOverTls"


def requires_tls(document: Document, action: str, resources: Collection[str]) -> bool:
    """Whether everyone is refused the action, on all of the resources, without TLS.

    By a Deny with that condition alone: an Allow that asks for TLS leaves other Allows as they are.
    """
    denies = [one for one in document.statements if _denies_plain_text(one, action)]
    return all(
        any(covers(pattern, resource) for one in denies for pattern in one.resources)
        for resource in resources
    )


def _denies_plain_text(statement: Statement, action: str) -> bool:
    return (
        statement.effect == "Deny"
        and bool(_EVERYONE & frozenset(statement.principals))
        and any(action_covers(each, action) for each in statement.actions)
        and len(statement.conditions) == 1
        and _is_without_tls(statement.conditions[0])
    )


def _is_without_tls(condition: Condition) -> bool:
    return (
        condition.operator.lower() in ("bool", "boolifexists")
        and condition.key.lower() == "aws:securetransport"
        and tuple(value.lower() for value in condition.values) == ("false",)
    )


def with_tls_required(document: Document | None, action: str, resources: Collection[str]) -> Json:
    """The document with such a Deny at its end, or a document of just that where there is none."""
    content = {"Version": "2012-10-17"} if document is None else document.as_json()
    items = [] if document is None else items_of(content)
    taken = {item.get("Sid") for item in items}
    sids = (SID, *(f"{SID}{number}" for number in range(2, len(taken) + 3)))
    deny = {
        "Sid": next(each for each in sids if each not in taken),
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": [*resources] if len(resources) > 1 else next(iter(resources)),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return content | {"Statement": [*items, deny]}
