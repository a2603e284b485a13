"""The configuration: one YAML file, the environment on top, defaults for all the rest."""

from bot.config.accounts import AccountSettings
from bot.config.approvals import ApprovalMatch, ApprovalRule, ApprovalsSettings
from bot.config.audit import AnchorSettings, AuditSettings, SigningSettings
from bot.config.database import BackupSettings, DatabaseSettings, RetentionSettings
from bot.config.example import ControlSettings, example
from bot.config.json_schema import schema
from bot.config.limits import LimitsSettings, WindowSettings
from bot.config.loading import Config, load, search_path
from bot.config.mistakes import mistakes_in
from bot.config.model import (
    AwsSettings,
    InventorySettings,
    Person,
    ProposalSettings,
    ProtectedSettings,
    ScanSettings,
    Settings,
    VerificationSettings,
)
from bot.config.owners import OwnersSettings
from bot.config.remediation import (
    RemediationMatch,
    RemediationRuleSettings,
    RemediationSettings,
)
from bot.config.schedules import ScheduleSettings
from bot.config.section import Section
from bot.config.slack import AskingSettings, SlackSettings

__all__ = [
    "Config", "load", "search_path", "mistakes_in",
    "Settings", "AwsSettings", "BackupSettings", "DatabaseSettings", "InventorySettings",
    "Person", "RetentionSettings",
    "ProposalSettings", "ProtectedSettings", "ScanSettings", "VerificationSettings",
    "AnchorSettings", "AuditSettings", "SigningSettings",
    "ApprovalMatch", "ApprovalRule", "ApprovalsSettings", "AskingSettings", "OwnersSettings",
    "Section", "SlackSettings",
    "AccountSettings", "LimitsSettings", "ScheduleSettings", "WindowSettings",
    "RemediationMatch", "RemediationRuleSettings", "RemediationSettings",
    "ControlSettings", "example", "schema",
]  # fmt: skip
