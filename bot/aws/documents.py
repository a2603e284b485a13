"""Policy documents as text: one compact form, and one object for equal documents."""

import json
from typing import Any
from urllib.parse import unquote


class Documents:
    """Turns documents, as objects or as (URL-encoded) text, into compact JSON text.

    The order of keys is kept. Equal documents give the same string object, so that an account
    with one policy on 5,000 users keeps it, and later parses it, once.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._raw: dict[str, str] = {}

    def text(self, document: Any) -> str:
        """The compact text. Raises ValueError for what is no JSON object."""
        return self._from_text(document) if isinstance(document, str) else self._compact(document)

    def _compact(self, document: Any) -> str:
        if not isinstance(document, dict):
            raise ValueError(f"a policy document must be a JSON object, not {document!r:.40}")  # noqa: TRY004 - bad input, not a bad call
        text = json.dumps(document, separators=(",", ":"))
        return self._texts.setdefault(text, text)

    def _from_text(self, raw: str) -> str:
        known = self._raw.get(raw)
        if known is not None:
            return known
        # IAM encodes as RFC 3986 says: a plus sign stands for itself.
        decoded = raw if raw.lstrip().startswith("{") else unquote(raw)
        try:
            document = json.loads(decoded)
        except json.JSONDecodeError as error:
            raise ValueError(f"the policy document is not JSON: {error}") from error
        text = self._raw[raw] = self._compact(document)
        return text
