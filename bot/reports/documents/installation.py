"""An account's mode, the configuration's and the database's state as JSON."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from bot.config import Config
from bot.config.yaml_file import dotted
from bot.engine.tidying import Tidied
from bot.model import Attested, Freeze, Greeting
from bot.reports.documents.document import Document, Time
from bot.store.accounts import AccountRecord
from bot.store.checking import Contents
from bot.store.restoring import Restored
from bot.store.upgrading import Upgrade


class AccountDocument(Document):
    """`locksmith --output json go-live ACCOUNT`."""

    schema_name: Literal["locksmith.account/1"] = Field(alias="schema")
    account: str
    partition: str
    mode: Literal["notify", "live"]
    live_since: Time | None
    live_by: str
    last_scan_at: Time | None


class FreezeDocument(Document):
    """`locksmith --output json pause`, and `resume`."""

    schema_name: Literal["locksmith.freeze/1"] = Field(alias="schema")
    in_force: bool = Field(description="Whether writes are stopped.")
    since: Time
    by: str
    reason: str
    ended_at: Time | None
    ended_by: str | None


class AttestedDocument(Document):
    """`locksmith --output json attest root`."""

    schema_name: Literal["locksmith.attested/1"] = Field(alias="schema")
    account: str
    people: int = Field(description="How many different people's word counts now.")
    until: Time | None = Field(description="When it runs out; null while a second is missing.")


class CodesDocument(Document):
    """`locksmith --output json codes enrol`, and `codes remove`; never a secret."""

    schema_name: Literal["locksmith.codes/1"] = Field(alias="schema")
    person: str = Field(description="The id of their Slack user.")
    enrolled: bool


class SlackDocument(Document):
    """`locksmith --output json slack check`."""

    schema_name: Literal["locksmith.slack/1"] = Field(alias="schema")
    workspace: str = Field(description="Its id.")
    name: str
    url: str
    user: str = Field(description="The id of our own user there.")


class ConfigDocument(Document):
    """`locksmith --output json config validate`."""

    schema_name: Literal["locksmith.config/1"] = Field(alias="schema")
    path: str | None = Field(description="The file that was read; null where there was none.")
    environment: dict[str, str] = Field(description="Settings that a variable overrides.")
    controls_enabled: int


class DatabaseDocument(Document):
    """`locksmith --output json db current`, and `db upgrade`."""

    schema_name: Literal["locksmith.database/1"] = Field(alias="schema")
    database: str = Field(description="Its URL, without a password.")
    revision: str | None = Field(description="null where there is no schema yet.")
    newest: str = Field(description="The revision that this release makes.")
    upgraded_from: str | None
    backup: str | None = Field(description="The copy that an upgrade made first.")


class BackupDocument(Document):
    """`locksmith --output json db backup`; what a dump of PostgreSQL holds is not looked into."""

    schema_name: Literal["locksmith.backup/1"] = Field(alias="schema")
    path: str
    revision: str | None
    head_seq: int | None = Field(description="The last row of the audit log in it.")
    head_hash: str | None
    log_ends_at: Time | None


class RestoreDocument(Document):
    """`locksmith --output json db restore FILE`."""

    schema_name: Literal["locksmith.restore/1"] = Field(alias="schema")
    database: str
    backup: str
    head_seq: int = Field(description="The last row of the audit log in the backup.")
    log_ends_at: Time | None
    kept: str | None = Field(description="Where the database is that was there before.")
    replaced_seq: int | None = Field(description="The last row of its audit log.")
    unreadable: str | None = Field(description="Why that one could not be read.")


class ForgottenDocument(Document):
    """`locksmith --output json people forget PERSON`; names nobody."""

    schema_name: Literal["locksmith.forgotten/1"] = Field(alias="schema")
    texts: int = Field(description="How many texts were erased.")


class TidiedDocument(Document):
    """`locksmith --output json db tidy`: how much was removed."""

    schema_name: Literal["locksmith.tidied/1"] = Field(alias="schema")
    messages: int
    proposals: int = Field(description="With their decisions, executions and journals.")
    findings: int
    observations: int = Field(description="Records of scans, and listings of keys.")


def account_document(record: AccountRecord) -> AccountDocument:
    """Whether Locksmith may change an account."""
    return AccountDocument(
        schema="locksmith.account/1",
        account=record.account.id,
        partition=record.account.partition,
        mode=record.mode,
        live_since=record.live_since,
        live_by=record.live_by,
        last_scan_at=record.last_scan_at,
    )


def attested_document(attested: Attested) -> AttestedDocument:
    """What came of one person's word."""
    return AttestedDocument(
        schema="locksmith.attested/1",
        account=attested.account,
        people=attested.people,
        until=attested.until,
    )


def freeze_document(freeze: Freeze) -> FreezeDocument:
    """Whether writes are stopped, by whom and why."""
    return FreezeDocument(
        schema="locksmith.freeze/1",
        in_force=freeze.ended_at is None,
        since=freeze.since,
        by=str(freeze.by),
        reason=freeze.reason,
        ended_at=freeze.ended_at,
        ended_by=str(freeze.ended_by) if freeze.ended_by else None,
    )


def codes_document(person: str, *, enrolled: bool) -> CodesDocument:
    """Whether someone gives one-time codes."""
    return CodesDocument(schema="locksmith.codes/1", person=person, enrolled=enrolled)


def slack_document(greeting: Greeting) -> SlackDocument:
    """Who Slack says we are."""
    return SlackDocument(
        schema="locksmith.slack/1",
        workspace=greeting.team_id,
        name=greeting.team,
        url=greeting.url,
        user=greeting.bot_user_id,
    )


def config_document(config: Config, controls_enabled: int) -> ConfigDocument:
    """Where the configuration in force comes from."""
    return ConfigDocument(
        schema="locksmith.config/1",
        path=str(config.path) if config.path else None,
        environment={dotted(at): variable for at, variable in config.overridden.items()},
        controls_enabled=controls_enabled,
    )


def database_document(
    database: str, revision: str | None, newest: str, upgrade: Upgrade | None = None
) -> DatabaseDocument:
    """Which schema a database has, and what an upgrade did."""
    return DatabaseDocument(
        schema="locksmith.database/1",
        database=database,
        revision=revision,
        newest=newest,
        upgraded_from=upgrade.from_revision if upgrade else None,
        backup=str(upgrade.backup) if upgrade and upgrade.backup else None,
    )


def backup_document(path: Path, contents: Contents | None = None) -> BackupDocument:
    """Where a backup is, and what was checked in it."""
    return BackupDocument(
        schema="locksmith.backup/1",
        path=str(path),
        revision=contents.revision if contents else None,
        head_seq=contents.head_seq if contents else None,
        head_hash=contents.head_hash if contents else None,
        log_ends_at=contents.newest_at if contents else None,
    )


def restore_document(database: str, done: Restored) -> RestoreDocument:
    """What a restore did."""
    return RestoreDocument(
        schema="locksmith.restore/1",
        database=database,
        backup=str(done.backup.path),
        head_seq=done.backup.head_seq,
        log_ends_at=done.backup.newest_at,
        kept=str(done.kept) if done.kept else None,
        replaced_seq=done.replaced.head_seq if done.replaced else None,
        unreadable=done.unreadable,
    )


def forgotten_document(texts: int) -> ForgottenDocument:
    """How much of a person was erased."""
    return ForgottenDocument(schema="locksmith.forgotten/1", texts=texts)


def tidied_document(done: Tidied) -> TidiedDocument:
    """How much housekeeping removed."""
    return TidiedDocument(
        schema="locksmith.tidied/1",
        messages=done.messages,
        proposals=done.proposals,
        findings=done.findings,
        observations=done.observations,
    )
