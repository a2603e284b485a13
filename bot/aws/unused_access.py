"""Reads what analyzers for unused access found of this account, where there is one."""

from typing import Any

from bot.aws.authorization import moment
from bot.aws.connection import AwsConnection
from bot.aws.reading import pages, read
from bot.aws.regional import Regions, Seen, in_each
from bot.model import Call, Part, UnusedAccess

_KINDS = ("ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS")


def read_unused_access(connection: AwsConnection, regions: Regions) -> Seen:
    """The active findings about this account's users and roles, by Region.

    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListFindingsV2.html
    """

    def look(region: str) -> tuple[UnusedAccess, ...]:
        answer: Any = read(connection, Call("accessanalyzer", "ListAnalyzers", {}, region))
        return tuple(
            found
            for each in answer["analyzers"]
            if each["type"] in _KINDS and each["status"] == "ACTIVE"
            for found in _of(connection, each["arn"], region)
        )

    return in_each(Part.UNUSED_ACCESS, regions(), look)


def _of(connection: AwsConnection, analyzer: str, region: str) -> list[UnusedAccess]:
    account = connection.account.id
    wanted = {"status": {"eq": ["ACTIVE"]}, "resourceOwnerAccount": {"eq": [account]}}
    call = Call(
        "accessanalyzer", "ListFindingsV2", {"analyzerArn": analyzer, "filter": wanted}, region
    )
    return [
        UnusedAccess(
            each["id"], analyzer, each["findingType"], each["resource"], moment(each["createdAt"])
        )
        for page in pages(connection, call)
        for each in page["findings"]
    ]
