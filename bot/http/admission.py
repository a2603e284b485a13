"""Which requests are Slack's: looked at strictly, before anything else sees them.

Slack's own libraries take a request apart before they know who sent it, and stumble over
time stamps, signatures and bodies that Slack never sends. Here everything that isn't exactly what
Slack sends is refused, and nothing of it is repeated in a message or a log.
https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.errors import ConfigError

BODY_LIMIT = 256 * 1024
TOLERANCE = timedelta(minutes=5)

_STAMP, _SIGNATURE = "x-slack-request-timestamp", "x-slack-signature"
_FORMS = re.compile(r"(application/x-www-form-urlencoded|application/json)(\s*;.*)?", re.IGNORECASE)
_HANDED_ON = re.compile(rb"content-type|x-slack-[a-z-]{1,50}")

RawHeaders = Iterable[tuple[bytes, bytes]]


class UnwelcomeError(Exception):
    """A request isn't let in. `status` is its answer; `why` is a sentence of ours, safe to log."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says it is, by its headers alone: well-formed, not yet believed."""

    headers: Mapping[str, str] = field(repr=False)
    stamp: str
    signature: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SlackRequest:
    """A request that Slack signed.

    `headers` has the content type and Slack's own headers, with lower-case names. `key` is the
    same for the same signed bytes only, so it tells a replay.
    """

    headers: Mapping[str, str] = field(repr=False)
    body: str = field(repr=False)
    key: str


@dataclass(frozen=True, slots=True)
class Admission:
    """What a request must be to be let in.

    `signing_secret` is what Slack shows as such: 32 hexadecimal digits, or ConfigError is raised.
    `body_limit` is in bytes. A time stamp may differ from `clock` by `tolerance`, both ways.
    """

    signing_secret: str = field(repr=False)
    clock: Callable[[], datetime]
    body_limit: int = BODY_LIMIT
    tolerance: timedelta = TOLERANCE

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9a-f]{32}", self.signing_secret):
            raise ConfigError(
                "slack.signing_secret must be 32 hexadecimal digits",
                hint="Copy it from Basic Information, App Credentials, of the Slack app.",
            )

    def claim(self, headers: RawHeaders) -> Claim:
        """What the headers claim. Raises UnwelcomeError: 400, 401 or, for a long body, 413."""
        pairs = [(name.lower(), value) for name, value in headers]
        self._refuse_long(pairs)
        read = _read(pairs)
        if not _FORMS.fullmatch(read.get("content-type", "")):
            raise UnwelcomeError(400, "the content type is neither a form nor JSON")
        stamp, signature = read.get(_STAMP, ""), read.get(_SIGNATURE, "")
        if not re.fullmatch(r"[0-9]{10}", stamp):
            raise UnwelcomeError(401, "there is no time stamp of Slack's form")
        if not re.fullmatch(r"v0=[0-9a-f]{64}", signature):
            raise UnwelcomeError(401, "there is no signature of Slack's form")
        if abs(self.clock().timestamp() - int(stamp)) > self.tolerance.total_seconds():
            raise UnwelcomeError(401, "the time stamp is too far from this machine's clock")
        return Claim(read, stamp, signature)

    def admit(self, claim: Claim, body: bytes) -> SlackRequest:
        """The request, now that its body is whole. Raises UnwelcomeError: 400, 401 or 413."""
        if len(body) > self.body_limit:
            raise too_long()
        signed = b":".join((b"v0", claim.stamp.encode(), body))
        made = hmac.new(self.signing_secret.encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(f"v0={made}", claim.signature):
            raise UnwelcomeError(401, "the signature doesn't match")
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            raise UnwelcomeError(400, "the body isn't UTF-8") from None
        key = hashlib.sha256(f"{claim.signature}{claim.stamp}".encode()).hexdigest()
        return SlackRequest(claim.headers, text, key)

    def _refuse_long(self, pairs: list[tuple[bytes, bytes]]) -> None:
        lengths = [value for name, value in pairs if name == b"content-length"]
        if len(lengths) > 1 or not all(re.fullmatch(rb"[0-9]+", each) for each in lengths):
            raise UnwelcomeError(400, "the content length can't be read")
        digits = lengths[0].lstrip(b"0") if lengths else b""
        if len(digits) > len(str(self.body_limit)) or int(digits or b"0") > self.body_limit:
            raise too_long()


def too_long() -> UnwelcomeError:
    """The refusal of a body over the limit."""
    return UnwelcomeError(413, "the body is too long")


def _read(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    read: dict[str, str] = {}
    for name, value in pairs:
        if not _HANDED_ON.fullmatch(name):
            continue
        key = name.decode("ascii")
        if key in read:
            raise UnwelcomeError(400, "a header that must be there once is there twice")
        if not re.fullmatch(rb"[ -~]{0,500}", value):
            raise UnwelcomeError(400, "a header isn't printable ASCII of a usual length")
        read[key] = value.decode("ascii")
    return read
