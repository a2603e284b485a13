"""The tags of an AWS account itself, which only its organisation knows.

They are readable from the management account and from delegated administrators.
https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTagsForResource.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.model import Call, Json

_PAGES = 10  # an account has 50 tags at most


def account_tags(account_id: str, read: Callable[[Call], Json]) -> Mapping[str, str]:
    """The tags of an account, by their keys. Raises whatever `read` raises."""
    found: dict[str, str] = {}
    params: dict[str, Json] = {"ResourceId": account_id}
    for _ in range(_PAGES):
        answer: Any = read(Call("organizations", "ListTagsForResource", params)) or {}
        found.update((str(each["Key"]), str(each["Value"])) for each in answer.get("Tags") or ())
        token = answer.get("NextToken")
        if not token:
            break
        params = {**params, "NextToken": token}
    return found
