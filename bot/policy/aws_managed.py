"""The policies that AWS manages, as a dated copy: for what an account doesn't hold itself.

AWS changes its policies at will. So the copy finds candidates, and whoever builds on a text looks
in AWS whether it still is in force. It is of the commercial partition; others have fewer policies
and other ARNs in them.
"""

import json
import lzma
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.policy.document import Document, parse_document


@dataclass(frozen=True, slots=True)
class AwsPolicy:
    """One of AWS's policies: `version` was in force on the day of the copy.

    `services` are the prefixes of the actions that it names, in lower case; `*` is one of them.
    """

    name: str
    path: str
    version: str
    text: str
    services: frozenset[str]

    @property
    def document(self) -> Document:
        """The parsed text."""
        return parse_document(self.text, where=f"AWS's policy {self.name}")

    @property
    def path_and_name(self) -> str:
        """What follows `policy/` in the ARN."""
        return f"{self.path}{self.name}".removeprefix("/")


def aws_managed_policies() -> Mapping[str, AwsPolicy]:
    """Every policy of AWS's that customers can attach, by name, as of `aws_managed_dated()`."""
    return _read()[1]


def aws_managed_dated() -> str:
    """The day of the newest text in the copy, in ISO 8601."""
    return _read()[0]


@cache
def _read() -> tuple[str, Mapping[str, AwsPolicy]]:
    packed = files("bot.policy").joinpath("aws_managed.json.xz").read_bytes()
    content = json.loads(lzma.decompress(packed))
    policies = {
        name: AwsPolicy(
            name, each["path"], each["version"], each["text"], frozenset(each["services"])
        )
        for name, each in content["policies"].items()
    }
    return content["dated"], policies
