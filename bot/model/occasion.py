"""What a schedule can be about."""

from enum import StrEnum


class Occasion(StrEnum):
    """What comes at times that the configuration names.

    Each word stands for the schedule's `what`. All but scans, digests and housekeeping fall due by
    themselves; a schedule says at which times it is looked what has fallen due.
    """

    SCANS = "scans"
    DIGESTS = "digests"
    REMINDERS = "reminders"
    EXPIRIES = "expiries"
    GRACES = "graces"
    CHECKS = "checks"
    HOUSEKEEPING = "housekeeping"
