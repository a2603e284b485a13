"""The credential report's CSV as values; a report that was cut off is an error, never half a truth.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from bot.errors import InputError
from bot.model import AccessKey, CredentialReport, ReportRow

ROOT_NAME = "<root_account>"

_KEY_FIELDS = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
_TIMES = frozenset(
    {
        "user_creation_time",
        "password_last_used",
        "password_last_changed",
        "password_next_rotation",
        *(f"access_key_{slot}_last_{what}" for slot in (1, 2) for what in ("rotated", "used_date")),
        *(f"cert_{slot}_last_rotated" for slot in (1, 2)),
    }
)
_FLAGS = frozenset(
    {
        "password_enabled",
        "mfa_active",
        *(f"{kind}_{slot}_active" for kind in ("access_key", "cert") for slot in (1, 2)),
    }
)
#: What we look at; a report without one of them isn't whole.
_NEEDED = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "mfa_active",
    *(f"access_key_{slot}_{field}" for slot in (1, 2) for field in _KEY_FIELDS),
)
_NOTHING = frozenset({"n/a", "no_information", "not_supported"})
#: Whole, so that a time that was cut off is seen: `+00` alone would be valid ISO 8601.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_FLAG_VALUES: Mapping[str, bool | None] = {
    "true": True,
    "false": False,
    "not_supported": None,
    "n/a": None,
}


class BrokenReportError(InputError):
    """The credential report is cut off or damaged; the message says where. Get it again."""


def parse_report(
    text: str,
    *,
    generated: datetime | None,
    ids: Mapping[str, str],
    known_only: bool = False,
) -> CredentialReport:
    """The report in `text`. `ids` maps user ARNs to unique ids; for others the ARN stands in.

    With `known_only`, rows of users that `ids` lacks are left out: the report is up to four hours
    old, and they are gone. Raises BrokenReportError, naming the line, for a report that misses
    columns, has a row of another length, or a value that no column of its kind can have.
    """
    root: ReportRow | None = None
    users: list[ReportRow] = []
    for line, row in _rows(text):
        parsed = _row(row, line, ids)
        if parsed.user == ROOT_NAME:
            root = parsed
        elif parsed.arn in ids or not known_only:
            users.append(parsed)
    return CredentialReport(generated, root, tuple(users))


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    line, row = 1, None
    try:
        header = next(reader, [])
        missing = [name for name in _NEEDED if name not in header]
        if missing:
            raise _cut_off(1, f"it has no column {', '.join(missing)}")
        for fields in reader:
            if fields:
                line, row = reader.line_num, _by_name(header, fields, reader.line_num)
                yield line, row
    except csv.Error as error:
        raise _cut_off(reader.line_num, str(error)) from error
    if row is None:
        raise _cut_off(1, "it has no row after the header")
    _check_last(line, row)


def _by_name(header: list[str], fields: list[str], line: int) -> dict[str, str]:
    whole = _rejoined(fields, len(fields) - len(header)) if header[:2] == ["user", "arn"] else None
    fields = whole or fields
    if len(fields) != len(header):
        raise _cut_off(line, f"a row has {len(fields)} of {len(header)} columns")
    return dict(zip(header, fields, strict=True))


def _rejoined(fields: list[str], extra: int) -> list[str] | None:
    """The row of a user whose name has commas that nobody quoted: the ARN ends with that name."""
    for split in range(1, extra + 2):
        user, arn = ",".join(fields[:split]), ",".join(fields[split : extra + 2])
        if extra > 0 and arn.startswith("arn:") and arn.endswith(f"/{user}"):
            return [user, arn, *fields[extra + 2 :]]
    return None


def _check_last(line: int, row: Mapping[str, str]) -> None:
    """A report can be cut inside its last value: then that is no value of its column."""
    for name, value in row.items():
        if name in _TIMES:
            _time(value, name, line)
        elif name in _FLAGS:
            _flag(value, name, line)


def _row(row: Mapping[str, str], line: int, ids: Mapping[str, str]) -> ReportRow:
    arn = row["arn"]
    created = _time(row["user_creation_time"], "user_creation_time", line)
    if not arn.startswith("arn:") or created is None:
        raise _cut_off(line, f"{row['user']!r} has no ARN or no time of creation")
    user_id = ids.get(arn, arn)
    keys = (_key(row, slot, line, user_id, created) for slot in (1, 2))
    return ReportRow(
        user=row["user"],
        arn=arn,
        created=created,
        password_enabled=_flag(row["password_enabled"], "password_enabled", line),
        password_last_used=_time(row["password_last_used"], "password_last_used", line),
        password_last_changed=_time(row["password_last_changed"], "password_last_changed", line),
        mfa_active=bool(_flag(row["mfa_active"], "mfa_active", line)),
        keys=tuple(key for key in keys if key),
        certificates=any(_has_certificate(row, slot, line) for slot in (1, 2)),
    )


def _has_certificate(row: Mapping[str, str], slot: int, line: int) -> bool:
    """Older exports have no such columns."""
    name = f"cert_{slot}_last_rotated"
    return _time(row.get(name, "N/A"), name, line) is not None


def _key(
    row: Mapping[str, str], slot: int, line: int, user_id: str, user_created: datetime
) -> AccessKey | None:
    prefix = f"access_key_{slot}_"
    active = bool(_flag(row[prefix + "active"], prefix + "active", line))
    changed = _time(row[prefix + "last_rotated"], prefix + "last_rotated", line)
    if changed is None and not active:
        return None
    return AccessKey(
        user=row["user"],
        user_id=user_id,
        # An active key always has a time; were it missing, no key is older than its user.
        created=changed or user_created,
        active=active,
        last_used=_time(row[prefix + "last_used_date"], prefix + "last_used_date", line),
        last_used_service=_word(row[prefix + "last_used_service"]),
        last_used_region=_word(row[prefix + "last_used_region"]),
        slot=slot,
    )


def _time(value: str, name: str, line: int) -> datetime | None:
    if value.lower() in _NOTHING:
        return None
    wrong = f"{name} is {value!r}, which is no time"
    if not _TIME.fullmatch(value):
        raise _cut_off(line, wrong)
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _cut_off(line, wrong) from error


def _flag(value: str, name: str, line: int) -> bool | None:
    try:
        return _FLAG_VALUES[value.lower()]
    except KeyError as error:
        raise _cut_off(line, f"{name} is {value!r}, neither true nor false") from error


def _word(value: str) -> str | None:
    return None if value.lower() in _NOTHING else value


def _cut_off(line: int, what: str) -> BrokenReportError:
    return BrokenReportError(
        f"the credential report is cut off or damaged at line {line}: {what}",
        hint="Get the whole report again.",
    )
