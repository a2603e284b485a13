"""The steps that let CloudFront log requests into a bucket, by CloudWatch's deliveries (v2)."""

from bot.model import Call, Distribution, Expect, Json, Operator, Output, Risk, Step
from remediations._reads import quoted

#: Where CloudFront's deliveries are kept, whatever the bucket's Region.
#: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
HOME = "us-east-1"


def log_requests(of: Distribution, bucket: str, account: str) -> tuple[Step, ...]:
    """The source of the logs, where they go, and the delivery from one to the other."""
    return _source(of), _destination(of, bucket, account), _deliver(of)


def _name(of: Distribution) -> str:
    return f"access-logs-{of.id}"


def _source(of: Distribution) -> Step:
    name = _name(of)
    read = _call("DescribeDeliverySources")
    path = f"deliverySources[?name=={quoted(name)}].logType | [0]"
    return Step(
        name="source",
        summary=f"Let the requests to {of.id} be a source of logs, called {name}",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, f"there is a source {name} by now"),),
        do=_call("PutDeliverySource", name=name, resourceArn=of.arn, logType="ACCESS_LOGS"),
        after=(Expect(read, path, Operator.EQUALS, "ACCESS_LOGS", f"{name} is no source"),),
        undo=_call("DeleteDeliverySource", name=name),
    )


def _destination(of: Distribution, bucket: str, account: str) -> Step:
    name, arn = _name(of), f"arn:aws:s3:::{bucket}"
    read = _call("DescribeDeliveryDestinations")
    place = "deliveryDestinationConfiguration.destinationResourceArn"
    path = f"deliveryDestinations[?name=={quoted(name)}].{place} | [0]"
    named: dict[str, Json] = {"Bucket": bucket, "ExpectedBucketOwner": account}
    policy = Call("s3", "GetBucketPolicy", named)
    why = f"the policy of {bucket} does not let delivery.logs.amazonaws.com write there"
    return Step(
        name="destination",
        summary=f"Let {bucket} be where they go",
        risk=Risk.REVERSIBLE,
        before=(
            Expect(read, path, Operator.ABSENT, None, f"there is a destination {name} by now"),
            Expect(policy, "Policy", Operator.CONTAINS, "delivery.logs.amazonaws.com", why),
        ),
        do=_call(
            "PutDeliveryDestination",
            name=name,
            deliveryDestinationConfiguration={"destinationResourceArn": arn},
        ),
        after=(Expect(read, path, Operator.EQUALS, arn, f"{bucket} is not where they go"),),
        undo=_call("DeleteDeliveryDestination", name=name),
        outputs={"arn": Output("deliveryDestination.arn")},
    )


def _deliver(of: Distribution) -> Step:
    name = _name(of)
    read = _call("DescribeDeliveries")
    path = f"deliveries[?deliverySourceName=={quoted(name)}].deliverySourceName | [0]"
    why = f"{of.id} is delivered by now"
    return Step(
        name="deliver",
        summary="Deliver one to the other",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, why),),
        do=_call(
            "CreateDelivery",
            deliverySourceName=name,
            deliveryDestinationArn={"$output": "destination.arn"},
        ),
        after=(Expect(read, path, Operator.EQUALS, name, "nothing is delivered"),),
        undo=_call("DeleteDelivery", id={"$output": "deliver.id"}),
        outputs={"id": Output("delivery.id")},
    )


def _call(operation: str, **params: Json) -> Call:
    return Call("logs", operation, params, HOME)
