"""Writes Locksmith's dated copy of the policies that AWS manages, from the one in moto.

    python -m tools.aws_policies

Only those that customers can attach are kept. Their texts are AWS's; moto (Apache 2.0) collects
them anew for each release.
"""

import json
import lzma
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

FILE = Path(__file__).parents[1] / "bot/policy/aws_managed.json.xz"
_PATHS = ("/", "/job-function/", "/service-role/")
# Reading takes as much memory as the window is long, and all of it is 3 MB.
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": 4 << 20}]


def content() -> dict[str, Any]:
    """What the file says: the day of the newest text, and each policy by its name."""
    known: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    kept = {name: each for name, each in sorted(known.items()) if each["Path"] in _PATHS}
    return {
        "dated": max(each["UpdateDate"] for each in kept.values())[:10],
        "policies": {name: _policy(each) for name, each in kept.items()},
    }


def _policy(data: Mapping[str, Any]) -> dict[str, Any]:
    document = data["Document"]
    return {
        "path": data["Path"],
        "version": data["DefaultVersionId"],
        "services": sorted(set(_services(document))),
        "text": json.dumps(document, separators=(",", ":"), ensure_ascii=False),
    }


def _services(document: Mapping[str, Any]) -> Iterator[str]:
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        patterns = statement.get("Action", statement.get("NotAction", ()))
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            yield pattern.partition(":")[0].lower()


if __name__ == "__main__":
    text = json.dumps(content(), separators=(",", ":"), ensure_ascii=False)
    FILE.write_bytes(lzma.compress(text.encode(), filters=_FILTERS))
    print(f"written: {FILE} ({FILE.stat().st_size} bytes)")
