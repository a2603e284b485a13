"""Reads what one policy says: a managed one by its ARN, an inline one by its holder's and its name.

`arn:aws:iam::123456789012:role/ci/inline/deploy` is what the role ci has inline as deploy.
"""

import re
from collections.abc import Mapping
from typing import Any

import jmespath

from bot.aws.connection import AwsConnection
from bot.aws.reading import read
from bot.model import Call, Json

_MANAGED = re.compile(r"arn:aws[a-z-]*:iam::(?P<owner>aws|[0-9]{12}):policy/[!-~]{1,640}")
_INLINE = re.compile(
    r"(?P<holder>arn:aws[a-z-]*:iam::(?P<owner>[0-9]{12}):(?P<kind>user|group|role)/[!-~]{1,640})"
    r"/inline/(?P<name>[\w+=,.@-]{1,128})"
)


class PolicyPlace:
    """Where a policy is: `owner` is the account's id, or `aws`. Raises ValueError for no place."""

    def __init__(self, text: str) -> None:
        found = _MANAGED.fullmatch(text) or _INLINE.fullmatch(text)
        if found is None:
            raise ValueError(f"{text} is no policy's place")
        self.owner = found["owner"]
        self._arn = text
        self._inline = found.groupdict() if "kind" in found.groupdict() else None

    def read(self, connection: AwsConnection) -> Mapping[str, Any] | None:
        """The document in force, None where there is none. Raises what reading AWS raises."""
        calls = self._of_managed if self._inline is None else self._of_inline
        document: Any = calls(connection)
        return document if isinstance(document, Mapping) else None

    def _of_managed(self, connection: AwsConnection) -> Any:
        found = read(connection, Call("iam", "GetPolicy", {"PolicyArn": self._arn}))
        version = jmespath.search("Policy.DefaultVersionId", found)
        if version is None:
            return None
        asked = Call("iam", "GetPolicyVersion", {"PolicyArn": self._arn, "VersionId": version})
        return jmespath.search("PolicyVersion.Document", read(connection, asked))

    def _of_inline(self, connection: AwsConnection) -> Any:
        known = self._inline or {}
        kind = known["kind"].capitalize()
        holder: dict[str, Json] = {f"{kind}Name": known["holder"].rpartition("/")[2]}
        there = read(connection, Call("iam", f"Get{kind}", holder))
        if jmespath.search(f"{kind}.Arn", there) != known["holder"]:  # one on another path
            return None
        asked = Call("iam", f"Get{kind}Policy", {**holder, "PolicyName": known["name"]})
        return jmespath.search("PolicyDocument", read(connection, asked))
