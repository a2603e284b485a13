"""What bare boto3 shows of buckets and of each Region, for controls that are off at first."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from bot.aws.simulated import AccountBuilder

Fact = tuple[tuple[str, ...], Any]


def wider_facts(account: AccountBuilder, regions: tuple[str, ...]) -> Iterator[Fact]:
    """All of it."""
    yield from _buckets(account)
    for region in regions:
        yield from _in_region(account, region)


def _buckets(account: AccountBuilder) -> Iterator[Fact]:
    """Each bucket: who may use it, who is kept out, and where S3 logs that."""
    s3 = account.client("s3")
    for name in (each["Name"] for each in s3.list_buckets()["Buckets"]):
        yield ("buckets", name, "logging"), s3.get_bucket_logging(Bucket=name).get("LoggingEnabled")
        yield ("buckets", name, "acl"), _text(s3.get_bucket_acl(Bucket=name)["Grants"])
        for what, key in (
            ("public_access_block", "PublicAccessBlockConfiguration"),
            ("bucket_policy", "Policy"),
        ):
            try:
                answer = getattr(s3, f"get_{what}")(Bucket=name)[key]
            except ClientError as error:
                if not error.response["Error"]["Code"].startswith("NoSuch"):
                    raise
                continue
            yield ("buckets", name, what), answer


def _in_region(account: AccountBuilder, region: str) -> Iterator[Fact]:
    """What stands in a Region."""

    def client(service: str) -> Any:
        return account.client(service, region)

    for each in client("accessanalyzer").list_analyzers()["analyzers"]:
        yield ("analyzers", region, each["name"]), (each["type"], each["status"])
    config = client("config")
    for each in config.describe_configuration_recorders()["ConfigurationRecorders"]:
        yield ("recorders", region, each["name"]), _text(each)
    for each in config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]:
        yield ("recorders", region, each["name"], "on"), each["recording"]
    for each in config.describe_delivery_channels()["DeliveryChannels"]:
        yield ("recorders", region, each["name"], "channel"), _text(each)
    yield from _alarms(account, region)
    sqs = client("sqs")
    for url in sqs.list_queues().get("QueueUrls", ()):
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        yield ("queues", url.rpartition("/")[2]), told.get("Attributes", {}).get("Policy")
    for arn in (each["TopicArn"] for each in client("sns").list_topics()["Topics"]):
        told = client("sns").get_topic_attributes(TopicArn=arn)
        yield ("topics", arn.rpartition(":")[2]), told["Attributes"].get("Policy")


def _alarms(account: AccountBuilder, region: str) -> Iterator[Fact]:
    def client(service: str) -> Any:
        return account.client(service, region)

    for each in client("logs").describe_log_groups()["logGroups"]:
        yield ("log-groups", region, each["logGroupName"]), each.get("retentionInDays")
    for what in ("sources", "destinations"):
        answer = getattr(client("logs"), f"describe_delivery_{what}")()
        for each in answer[f"delivery{what.capitalize()}"]:
            yield ("deliveries", region, what, each["name"]), True
    for each in client("logs").describe_deliveries()["deliveries"]:
        yield ("deliveries", region, each["deliverySourceName"]), each["deliveryDestinationArn"]
    for each in client("logs").describe_metric_filters()["metricFilters"]:
        yield ("alarms", region, "filter", each["filterName"]), each["filterPattern"]
    for each in client("cloudwatch").describe_alarms()["MetricAlarms"]:
        told = (each["MetricName"], each["ActionsEnabled"], tuple(each["AlarmActions"]))
        yield ("alarms", region, "alarm", each["AlarmName"]), told
    for each in client("sns").list_topics()["Topics"]:
        yield ("alarms", region, "topic", each["TopicArn"]), True


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def computing_facts(account: AccountBuilder, region: str) -> Iterator[Fact]:
    """Instances with their profiles, launch templates, and profiles themselves."""
    ec2 = account.client("ec2", region)
    for each in ec2.describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"]:
        yield ("instances", each["InstanceId"], "profile"), each["IamInstanceProfile"]["Arn"]
    for each in ec2.describe_launch_templates()["LaunchTemplates"]:
        named = each["LaunchTemplateId"]
        versions = ec2.describe_launch_template_versions(LaunchTemplateId=named)
        for one in versions["LaunchTemplateVersions"]:
            said = (one["DefaultVersion"], _text(one["LaunchTemplateData"]))
            yield ("templates", named, str(one["VersionNumber"])), said
    for each in account.client().list_instance_profiles()["InstanceProfiles"]:
        for role in each["Roles"]:
            place = ("roles", role["RoleName"], "profile")
            yield (*place, each["InstanceProfileName"]), each["Arn"]
