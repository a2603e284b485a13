"""Anchors of the audit log as the configuration wants them: where they go, and who signs them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from bot.aws.keeping import Connect
from bot.aws.key_signing import KmsSigner
from bot.aws.noting import LogsTarget, S3Target
from bot.config import AnchorSettings, AuditSettings
from bot.engine.anchor_checking import AnchorChecking
from bot.engine.anchor_file import FileTarget
from bot.engine.anchoring import Anchoring
from bot.engine.signing import LocalSigner, PublicKeys
from bot.errors import ConfigError, UsageError
from bot.model import AnchorTarget, Signer
from bot.store.database import Store


@dataclass
class Anchors:
    """Everything about anchors; AWS and Slack are entered when a target needs them.

    `in_slack` gives the target that a channel is.
    """

    settings: AuditSettings
    store: Callable[[], Store]
    connect: Connect
    in_slack: Callable[[str], AnchorTarget]
    clock: Callable[[], datetime]

    @property
    def every(self) -> timedelta | None:
        """How often `serve` notes the end of the log down; None where it doesn't."""
        hours = self.settings.anchor_every_hours
        return timedelta(hours=hours) if hours is not None and self.settings.anchors else None

    @cached_property
    def placing(self) -> Anchoring:
        """What places them. Raises UsageError where no target is configured, and ConfigError."""
        return Anchoring(self.store(), self._targets, self.signer)

    @cached_property
    def checking(self) -> AnchorChecking:
        """What compares them with the log. Raises as `placing` does."""
        return AnchorChecking(self.store(), self._targets, self._public_keys, self.clock)

    @cached_property
    def signer(self) -> Signer | None:
        """Who signs, or None. Raises ConfigError."""
        signing = self.settings.signing
        if signing.private_key is not None:
            return LocalSigner(signing.private_key)
        if signing.kms_key is not None:
            return KmsSigner(self.connect, signing.kms_key, signing.kms_region)
        return None

    @cached_property
    def _targets(self) -> tuple[AnchorTarget, ...]:
        if not self.settings.anchors:
            raise UsageError(
                "no place is configured where the end of the log is noted down",
                hint="audit.anchors of the configuration lists them; docs/audit.md says which.",
            )
        return tuple(self._target(each) for each in self.settings.anchors)

    def _target(self, one: AnchorSettings) -> AnchorTarget:
        if one.s3 is not None:
            keep = timedelta(days=one.s3.days)
            return S3Target(
                self.connect, one.s3.bucket, one.s3.prefix, one.s3.lock, keep, one.s3.region
            )
        if one.cloudwatch_logs is not None:
            logs = one.cloudwatch_logs
            return LogsTarget(self.connect, logs.group, logs.stream, logs.region)
        if one.slack is not None:
            return self.in_slack(one.slack.channel)
        if one.file is not None:
            return FileTarget(Path(one.file.path))
        raise ValueError("an anchor's place of no kind")  # its settings have refused that

    def _public_keys(self) -> PublicKeys:
        paths = self.settings.signing.public_keys
        if paths:
            return PublicKeys.of(_content(path) for path in paths)
        return PublicKeys.of([self.signer.public_key()] if self.signer else [])


def _content(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not text"
        raise ConfigError(f"audit.signing.public_keys: {path} can't be read: {why}") from error
