"""Reads what runs programs: instances, launch templates, and where credentials lie in the open."""

import base64
import binascii
import gzip
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.aws.connection import AwsConnection
from bot.aws.reading import pages, read
from bot.aws.regional import Regions, Seen, in_each
from bot.model import Call, Instance, Json, LaunchTemplate, Part, Spotted

_ALIVE: Json = ["pending", "running", "stopping", "stopped"]
#: What of user data is looked at, unpacked.
_MOST = 1_000_000
#: AWS's own examples, which no account knows, end so.
_EXAMPLE = ("EXAMPLE", "EXAMPLEKEY")
_KINDS: Mapping[str, re.Pattern[str]] = {
    "access key id": re.compile(r"(?<![A-Z0-9])((?:AKIA|ASIA)[A-Z0-9]{16})(?![A-Z0-9])"),
    "secret access key": re.compile(
        r"(?i)secret_?access_?key[\"'\s:=]{1,8}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])"
    ),
    "session token": re.compile(r"(?i)session_?token[\"'\s:=]{1,8}([A-Za-z0-9/+=]{100,})"),
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*(PRIVATE KEY)-----"),
}


def read_instances(connection: AwsConnection, regions: Regions) -> Seen:
    """The instances of each Region that aren't terminated."""
    return in_each(Part.INSTANCES, regions(), lambda region: tuple(_instances(connection, region)))


def _instances(connection: AwsConnection, region: str) -> Iterator[Instance]:
    states: Json = [{"Name": "instance-state-name", "Values": _ALIVE}]
    answer: Any = read(connection, Call("ec2", "DescribeInstances", {"Filters": states}, region))
    for reservation in (answer or {}).get("Reservations") or ():
        for each in reservation.get("Instances") or ():
            yield Instance(
                each["InstanceId"],
                region,
                each["State"]["Name"],
                (each.get("IamInstanceProfile") or {}).get("Arn", ""),
                _tags(each),
                tuple(filter(None, (each.get("PublicIpAddress"), each.get("Ipv6Address")))),
            )


def read_launch_templates(connection: AwsConnection, regions: Regions) -> Seen:
    """The launch templates of each Region, by their default versions."""

    def look(region: str) -> tuple[LaunchTemplate, ...]:
        named: Any = read(connection, Call("ec2", "DescribeLaunchTemplates", {}, region)) or {}
        every: dict[str, Json] = {"Versions": ["$Default"], "MaxResults": 200}
        told: Any = read(connection, Call("ec2", "DescribeLaunchTemplateVersions", every, region))
        by_id = {
            each["LaunchTemplateId"]: each["LaunchTemplateData"].get("IamInstanceProfile") or {}
            for each in (told or {}).get("LaunchTemplateVersions") or ()
        }
        return tuple(
            LaunchTemplate(
                each["LaunchTemplateId"],
                each["LaunchTemplateName"],
                region,
                each["DefaultVersionNumber"],
                each["LatestVersionNumber"],
                by_id[each["LaunchTemplateId"]].get("Arn")
                or by_id[each["LaunchTemplateId"]].get("Name", ""),
                _tags(each),
            )
            for each in named.get("LaunchTemplates") or ()
            if each["LaunchTemplateId"] in by_id
        )

    return in_each(Part.LAUNCH_TEMPLATES, regions(), look)


def _tags(entry: Mapping[str, Any]) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in entry.get("Tags") or ()}


def read_user_data(connection: AwsConnection, regions: Regions) -> Seen:
    """The instances whose user data have credentials in them; one call for each instance."""

    def look(region: str) -> tuple[Spotted, ...]:
        return tuple(
            Spotted(each.name, _instance_arn(connection, each), region, kinds)
            for each in _instances(connection, region)
            if (kinds := kinds_in(_user_data(connection, each)))
        )

    return in_each(Part.USER_DATA, regions(), look)


def _instance_arn(connection: AwsConnection, instance: Instance) -> str:
    account = connection.account
    return f"arn:{account.partition}:ec2:{instance.region}:{account.id}:instance/{instance.id}"


def _user_data(connection: AwsConnection, instance: Instance) -> str:
    """The text, which goes no further than this module."""
    asked: dict[str, Json] = {"InstanceId": instance.id, "Attribute": "userData"}
    answer: Any = read(connection, Call("ec2", "DescribeInstanceAttribute", asked, instance.region))
    return unpacked(((answer or {}).get("UserData") or {}).get("Value") or "")


def unpacked(value: str) -> str:
    """User data as text: in base64 at AWS, often packed; nothing where it can't be read."""
    try:
        raw = base64.b64decode(value)
        if raw.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
                raw = packed.read(_MOST)
    except (binascii.Error, OSError, EOFError):
        return ""
    return raw[:_MOST].decode("utf-8", "replace")


def read_function_environments(connection: AwsConnection, regions: Regions) -> Seen:
    """The functions whose environment has credentials in it; one listing for each Region."""

    def look(region: str) -> tuple[Spotted, ...]:
        return tuple(
            Spotted(each["FunctionName"], each["FunctionArn"], region, kinds)
            for page in pages(connection, Call("lambda", "ListFunctions", {}, region))
            for each in page.get("Functions") or ()
            if (kinds := kinds_in(_lines((each.get("Environment") or {}).get("Variables"))))
        )

    return in_each(Part.FUNCTION_ENVIRONMENTS, regions(), look)


def _lines(variables: Mapping[str, str] | None) -> str:
    return "\n".join(f"{name}={value}" for name, value in (variables or {}).items())


def kinds_in(text: str) -> tuple[str, ...]:
    """Which kinds of credentials are in a text; AWS's own examples are none."""
    return tuple(kind for kind, pattern in _KINDS.items() if _real(pattern.findall(text)))


def _real(found: Iterable[str]) -> bool:
    return any(not each.endswith(_EXAMPLE) for each in found)
