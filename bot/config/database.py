"""Where Locksmith remembers things, how that is copied, and how long it stays."""

from typing import Annotated

from pydantic import Field

from bot.config.section import Section

#: What is kept for less than a month would be gone before anyone asks about it.
_Days = Annotated[int, Field(ge=30, le=36_500)]


class BackupSettings(Section):
    """Copies of a SQLite database; `locksmith db backup` makes one when you say so."""

    before_upgrade: bool = Field(
        default=True,
        description="Copy and check a SQLite database before its schema is upgraded.",
    )
    folder: str | None = Field(
        default=None,
        min_length=1,
        description="Folder of copies that are given no other place; null is beside the database.",
    )
    keep: int = Field(
        default=5,
        ge=1,
        le=1000,
        description=(
            "How many of the copies from before upgrades are kept; older ones are removed once a "
            "new one is made and checked."
        ),
    )


class RetentionSettings(Section):
    """How many days things stay in the database; the audit log stays for ever."""

    resolved_findings_days: _Days | None = Field(
        default=730,
        description=(
            "Days that a finding stays after it was resolved; null keeps it. One whose fix was "
            "undone, and one with a proposal that stays, stays too."
        ),
    )
    executions_days: _Days | None = Field(
        default=1095,
        description=(
            "Days that a proposal stays after its end, with its decisions and its execution's "
            "journal; null keeps them. One that can still be undone stays."
        ),
    )
    messages_days: _Days | None = Field(
        default=365,
        description="Days that a message stays after it was made and sent; null keeps it.",
    )
    observations_days: _Days | None = Field(
        default=400,
        description=(
            "Days that a scan's record stays, and what was seen of access keys that no scan "
            "saw again; null keeps them. The newest scan of an account stays."
        ),
    )


class DatabaseSettings(Section):
    """Where Locksmith remembers what it saw, asked, was told and did."""

    url: str | None = Field(
        default=None,
        min_length=1,
        description=(
            "SQLAlchemy URL of the database; null means a SQLite file in the state folder of "
            "your user. A URL with a password belongs in LOCKSMITH_DATABASE__URL, or in a file "
            "that LOCKSMITH_DATABASE__URL_FILE names."
        ),
        json_schema_extra={"secret": True},
    )
    backups: BackupSettings = Field(
        default_factory=BackupSettings, description="Copies of a SQLite database."
    )
    retention: RetentionSettings = Field(
        default_factory=RetentionSettings,
        description="How long things stay. The audit log stays for ever.",
    )
