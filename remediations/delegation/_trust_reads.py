"""Whether a role's trust policy in AWS is a given one, however AWS writes its principals.

AWS keeps principals as identities, not as text, and gives them back in its own way: one of a list
of one without the list, several in its own order. Everything else comes back as it was sent.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from collections.abc import Mapping
from typing import Any

from bot.model import Expect, Json, Operator, Role
from remediations._reads import call

_PLAIN = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
_NAMED = ("Principal", "NotPrincipal")
_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")

# Role.AssumeRolePolicyDocument.[Version, Id, to_array(Statement)[*].[Sid, …, type(Principal), …]]
_PRINCIPALS = ", ".join(
    f"type({element}), " + ", ".join(f"sort(to_array({element}.{kind} || ''))" for kind in _TYPES)
    for element in _NAMED
)
_STATEMENTS = f"to_array(Statement)[*].[{', '.join(_PLAIN)}, {_PRINCIPALS}]"
_PATH = f"Role.AssumeRolePolicyDocument.[Version, Id, {_STATEMENTS}]"


def trust_is(role: Role, document: Mapping[str, Any]) -> Expect:
    """The role's trust policy holds this document, principals in whatever order."""
    read = call("GetRole", RoleName=role.name)
    why = f"the trust policy of {role.name} is another one"
    return Expect(read, _PATH, Operator.EQUALS, _seen_by_path(document), why)


def _seen_by_path(document: Mapping[str, Any]) -> Json:
    """What `_PATH` finds in an answer that has this document."""
    listed = document["Statement"]
    statements = listed if isinstance(listed, list) else [listed]
    return [document.get("Version"), document.get("Id"), [_seen(one) for one in statements]]


def _seen(statement: Mapping[str, Any]) -> list[Json]:
    found: list[Json] = [statement.get(key) for key in _PLAIN]
    for element in _NAMED:
        named = statement.get(element)
        found.append("object" if isinstance(named, dict) else "string" if named else "null")
        for kind in _TYPES:
            # JMESPath finds nothing in a text; an empty text stands for nothing.
            value = (named.get(kind) if isinstance(named, dict) else None) or ""
            found.append(sorted(value) if isinstance(value, list) else [value])
    return found
