"""Tags of users: what they say, what to look at, and the step that sets one."""

import re

from bot.model import Expect, Operator, Risk, Step, User
from remediations._policy_reads import is_still
from remediations._reads import absent, call, quoted

# https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html
_VALUE = re.compile(r"[\w\s.:/=+\-@]{1,256}")


def tag_value(user: User, key: str) -> str:
    """What the user's tag says, without space around it; empty where there is none.

    IAM keeps the case of tag keys but takes two that differ in case only for one.
    """
    tags = {name.casefold(): value for name, value in user.tags.items()}
    return tags.get(key.casefold(), "").strip()


def has_tag(user: User, key: str) -> bool:
    """Whether the user has the tag at all, be it an empty one."""
    return key.casefold() in {name.casefold() for name in user.tags}


def is_tag_value(text: str) -> bool:
    """Whether AWS takes the text for a tag."""
    return bool(_VALUE.fullmatch(text)) and text == text.strip()


def set_tag(user: User, key: str, value: str) -> Step:
    """Give the user a tag that they don't have."""
    read = call("ListUserTags", UserName=user.name)
    path = f"Tags[?Key=={quoted(key)}].Value | [0]"
    why = f"the tag {key} of {user.name} is not {value}"
    tagged = Expect(read, path, Operator.EQUALS, value, why)
    return Step(
        name="tag",
        summary=f"Give {user.name} the tag {key} = {value}",
        risk=Risk.REVERSIBLE,
        before=(is_still(user), absent(tagged, f"{user.name} has a tag {key} by now")),
        do=call("TagUser", UserName=user.name, Tags=[{"Key": key, "Value": value}]),
        after=(tagged,),
        undo=call("UntagUser", UserName=user.name, TagKeys=[key]),
    )
