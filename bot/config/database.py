"""Where Locksmith remembers things, and how that is copied."""

from pydantic import Field

from bot.config.section import Section


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
