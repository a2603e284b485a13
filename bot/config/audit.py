"""Where the end of the audit log is noted down outside the database, and who signs that."""

from typing import Literal, Self

from pydantic import Field, model_validator

from bot.config.section import Section, SlackChannel


class FileAnchor(Section):
    """A file to which lines are appended."""

    path: str = Field(
        pattern=r"^/",
        description="on a disk that this machine can't rewrite",
    )


class S3Anchor(Section):
    """Objects in a bucket with Object Lock."""

    bucket: str = Field(
        min_length=3, max_length=63, description="has Object Lock, best in another account"
    )
    prefix: str = Field(default="locksmith/", pattern=r"^(.*/)?$", description="ends with /")
    lock: Literal["COMPLIANCE", "GOVERNANCE"] = Field(
        default="COMPLIANCE", description="COMPLIANCE holds against everyone"
    )
    days: int = Field(default=400, ge=1, le=36_500, description="how long each one is locked")
    region: str | None = Field(default=None, min_length=1, description="null: as aws.region")


class LogsAnchor(Section):
    """Events in a stream of CloudWatch Logs."""

    group: str = Field(min_length=1, max_length=512, description="exists already")
    stream: str = Field(min_length=1, max_length=512, description="exists already")
    region: str | None = Field(default=None, min_length=1, description="null: as aws.region")


class SlackAnchor(Section):
    """Messages in a private channel that the app is in."""

    channel: SlackChannel = Field(description="private, with the app in it, best for this alone")


class AnchorSettings(Section):
    """One place where the end of the audit log is noted down: exactly one of these."""

    file: FileAnchor | None = Field(default=None, description="lines in a file")
    s3: S3Anchor | None = Field(default=None, description="locked objects in a bucket")
    cloudwatch_logs: LogsAnchor | None = Field(default=None, description="events in a log stream")
    slack: SlackAnchor | None = Field(default=None, description="messages in a channel")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            names = ", ".join(type(self).model_fields)
            raise ValueError(f"must be exactly one of {names}")
        return self


class SigningSettings(Section):
    """Signatures of anchors, with a private key that stays outside the database."""

    private_key: str | None = Field(
        default=None,
        min_length=1,
        description=(
            "Ed25519 private key as PEM (`locksmith audit keygen`); set "
            "LOCKSMITH_AUDIT__SIGNING__PRIVATE_KEY, or LOCKSMITH_AUDIT__SIGNING__PRIVATE_KEY_FILE "
            "to a file that holds it."
        ),
        json_schema_extra={"secret": True},
        repr=False,
    )
    kms_key: str | None = Field(
        default=None,
        min_length=1,
        description="Instead of a private key: the ARN, id or alias of a KMS key for signing.",
    )
    kms_region: str | None = Field(
        default=None, min_length=1, description="Region of that key; null is as aws.region."
    )
    public_keys: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description=(
            "Files with the public keys (PEM) whose signatures count, older ones too; with none, "
            "the signer's own. Checking takes nothing else."
        ),
    )

    @model_validator(mode="after")
    def _one_signer(self) -> Self:
        if self.private_key is not None and self.kms_key is not None:
            raise ValueError("private_key and kms_key: only one of them can sign")
        return self


class AuditSettings(Section):
    """How tampering with the audit log shows, also by who can write the database."""

    anchors: tuple[AnchorSettings, ...] = Field(
        default=(),
        strict=False,
        description="Places where the end of the audit log is noted down; each one of these kinds.",
    )
    anchor_every_hours: float | None = Field(
        default=1,
        gt=0,
        le=24 * 30,
        allow_inf_nan=False,
        description=(
            "Hours between two anchors of `locksmith serve`; null notes down on request only. "
            "What is newer than the newest anchor could be rewritten unseen."
        ),
    )
    signing: SigningSettings = Field(
        default_factory=SigningSettings, description="Signatures of anchors."
    )
