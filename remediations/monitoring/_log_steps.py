"""The steps that let a trail write to CloudWatch Logs, and a role that may do no more than that."""

from typing import Any

from bot.model import Account, Call, Expect, Json, Operator, Risk, Step, Trail
from remediations._reads import quoted
from remediations._too_early import NEW_LOG_WRITER, patient

#: How long CloudWatch Logs can be told to keep things, in days.
#: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTIONS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096),
    *(1827, 2192, 2557, 2922, 3288, 3653),
)


def group_arn(account: Account, region: str, name: str) -> str:
    """A log group's ARN as CloudTrail wants it, which means all its streams."""
    return f"arn:{account.partition}:logs:{region}:{account.id}:log-group:{name}:*"


def may_write(arn: str) -> dict[str, Any]:
    """What CloudTrail needs to write to the log group of this ARN.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
    """
    allowed = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{arn.removesuffix('*')}log-stream:*",
    }
    return {"Version": "2012-10-17", "Statement": [allowed]}


def make_group(name: str, region: str) -> Step:
    """Make the log group."""
    read = Call("logs", "DescribeLogGroups", {"logGroupNamePrefix": name}, region)
    path = f"logGroups[?logGroupName=={quoted(name)}].logGroupName | [0]"
    named: dict[str, Json] = {"logGroupName": name}
    return Step(
        name="make-group",
        summary=f"Make the log group {name} in {region}",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, f"there is a log group {name} by now"),),
        do=Call("logs", "CreateLogGroup", named, region),
        after=(Expect(read, path, Operator.EQUALS, name, f"the log group {name} is not there"),),
        undo=Call("logs", "DeleteLogGroup", named, region),
    )


def keep_for(name: str, region: str, days: int) -> Step:
    """Let the log group forget what is older."""
    read = Call("logs", "DescribeLogGroups", {"logGroupNamePrefix": name}, region)
    path = f"logGroups[?logGroupName=={quoted(name)}].retentionInDays | [0]"
    named: dict[str, Json] = {"logGroupName": name}
    return Step(
        name="keep",
        summary=f"Keep what is in {name} for {days} days",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, f"{name} keeps things for a time now"),),
        do=Call("logs", "PutRetentionPolicy", {**named, "retentionInDays": days}, region),
        after=(Expect(read, path, Operator.EQUALS, days, f"{name} keeps things otherwise"),),
        undo=Call("logs", "DeleteRetentionPolicy", named, region),
    )


def deliver(trail: Trail, group: str, role: str) -> Step:
    """Let the trail write to a log group by a role, both by their ARN."""
    read = Call("cloudtrail", "DescribeTrails", {"trailNameList": [trail.arn]}, trail.home_region)
    fields = "[CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn]"
    path = f"trailList[?TrailARN=={quoted(trail.arn)}].{fields} | [0]"
    both = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn")
    calls = {
        place: Call(
            "cloudtrail",
            "UpdateTrail",
            {"Name": trail.arn, **dict(zip(both, arns, strict=True))},
            trail.home_region,
        )
        # Empty texts take CloudWatch Logs away.
        for place, arns in (("do", (group, role)), ("undo", ("", "")))
    }
    why = f"{trail.name} writes to CloudWatch Logs by now"
    return Step(
        name="deliver",
        summary=f"Let the trail {trail.name} write to {group}",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.EQUALS, [None, None], why),),
        do=patient(calls["do"], *NEW_LOG_WRITER),
        after=(Expect(read, path, Operator.EQUALS, [group, role], "it doesn't write there"),),
        undo=calls["undo"],
    )
