"""The fence around a user in an incident: a policy that denies everything, old sessions named.

What it closes, by AWS's own words on revoking temporary credentials: a user's sessions of
GetSessionToken, GetFederationToken and the console have the user's rights at most, looked up at
each request, so that denying the user everything denies them too, whenever they were made. The
second statement says the same once more of whatever was issued before a moment, as AWS's own
AWSRevokeOlderSessions does for roles; the moment also tells later when the user was contained.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_disable-perms.html

What it does not close: sessions of roles that the user assumed. They have the role's rights, and
last until they expire. Nor does any policy refuse `sts:GetCallerIdentity`.
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from datetime import UTC, datetime

from bot.model.canonical import Json
from bot.policy.document import Document, PolicyDocumentError, parse_document

#: The name of the fence; guards keep what is called `Locksmith-…` from being overwritten.
CONTAINMENT_FENCE = "Locksmith-Contained"
#: AWS's own deny of everything, where ours has no room or its name is taken.
AWS_FENCE = "AWSDenyAll"

_WIRE = "%Y-%m-%dT%H:%M:%SZ"


def containment_document(at: datetime) -> dict[str, Json]:
    """The fence's document; `at` is when the user was contained, to the second."""
    everything: dict[str, Json] = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    issued = at.astimezone(UTC).strftime(_WIRE)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Contained", **everything},
            {
                "Sid": "SessionsIssuedBefore",
                **everything,
                "Condition": {"DateLessThan": {"aws:TokenIssueTime": issued}},
            },
        ],
    }


def contained_since(document: Document) -> datetime | None:
    """The moment in a document that is just the fence's; None for every other document."""
    values = [
        value
        for statement in document.statements
        for condition in statement.conditions
        for value in condition.values
    ]
    try:
        at = datetime.strptime(values[0], _WIRE).replace(tzinfo=UTC)
    except (IndexError, ValueError):
        return None
    return at if document.as_json() == containment_document(at) else None


def is_containment(text: str) -> bool:
    """Whether this is the text of a fence; what can't be read is none."""
    try:
        return contained_since(parse_document(text, where="a fence")) is not None
    except PolicyDocumentError:
        return False
