"""Reads what analyzers for unused access found of this account, where there is one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.aws.authorization import moment
from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, pages, read
from bot.aws.regional import Regions, Seen, in_each
from bot.model import Call, Part, UnusedAccess

_KINDS = ("ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS")
#: Kinds of findings of which the list doesn't tell what they are about.
_DETAILED = ("UnusedPermission", "UnusedIAMUserAccessKey")
#: Of so many findings in a Region the details are asked for, one call each, oldest first.
MOST_DETAILS = 200


def read_unused_access(
    connection: AwsConnection, regions: Regions, most: int = MOST_DETAILS
) -> Seen:
    """The active findings about this account's users and roles, by Region.

    What rights or which key one is about takes a call for each, of which at most `most` are
    made in a Region, and none once AWS refuses them; `unread` says so.
    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListFindingsV2.html
    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingV2.html
    """

    def look(region: str) -> tuple[UnusedAccess, ...]:
        answer: Any = read(connection, Call("accessanalyzer", "ListAnalyzers", {}, region))
        listed = [
            found
            for each in answer["analyzers"]
            if each["type"] in _KINDS and each["status"] == "ACTIVE"
            for found in _of(connection, each, region)
        ]
        return tuple(_detailed(connection, listed, region, most))

    return in_each(Part.UNUSED_ACCESS, regions(), look)


def _of(connection: AwsConnection, analyzer: Any, region: str) -> list[UnusedAccess]:
    account = connection.account.id
    wanted = {"status": {"eq": ["ACTIVE"]}, "resourceOwnerAccount": {"eq": [account]}}
    call = Call(
        "accessanalyzer",
        "ListFindingsV2",
        {"analyzerArn": analyzer["arn"], "filter": wanted},
        region,
    )
    configured = (analyzer.get("configuration") or {}).get("unusedAccess") or {}
    return [
        UnusedAccess(
            each["id"],
            analyzer["arn"],
            each["findingType"],
            each["resource"],
            moment(each["createdAt"]),
            days=configured.get("unusedAccessAge"),
        )
        for page in pages(connection, call)
        for each in page["findings"]
    ]


def _detailed(
    connection: AwsConnection, listed: Iterable[UnusedAccess], region: str, most: int
) -> Iterator[UnusedAccess]:
    """The findings with what they are about; one that ended since it was listed is left out."""
    asked, refused = 0, ""
    for each in sorted(listed, key=lambda found: (found.found, found.id)):
        if each.kind not in _DETAILED:
            yield each
        elif refused:
            yield replace(each, unread=refused)
        elif asked >= most:
            yield replace(each, unread=f"in each Region {most} findings are asked about")
        else:
            asked += 1
            try:
                answer: Any = read(connection, _call_for(each, region))
            except ReadFailedError as error:
                said = f"{error.code}: {error.message} (grant {error.grant})"
                refused = said if error.denied else ""
                yield replace(each, unread=said)
                continue
            if answer is not None and answer["status"] == "ACTIVE":
                yield _with_details(each, answer.get("findingDetails") or ())


def _call_for(found: UnusedAccess, region: str) -> Call:
    about = {"analyzerArn": found.analyzer, "id": found.id}
    return Call("accessanalyzer", "GetFindingV2", about, region)


def _with_details(found: UnusedAccess, details: Iterable[Mapping[str, Any]]) -> UnusedAccess:
    unused: dict[str, tuple[str, ...] | None] = {}
    key_id = ""
    for each in details:
        rights = each.get("unusedPermissionDetails")
        if rights:
            actions = tuple(one["action"] for one in rights.get("actions") or ())
            unused[rights["serviceNamespace"]] = actions or None
        key_id = key_id or (each.get("unusedIamUserAccessKeyDetails") or {}).get("accessKeyId", "")
    return replace(found, unused=unused, key_id=key_id)
