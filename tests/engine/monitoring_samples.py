"""One call of each write that lets somebody look at an account."""

from bot.model import Call, Json

_BUCKET: dict[str, Json] = {"Bucket": "files", "ExpectedBucketOwner": "123456789012"}
_RECORDER: dict[str, Json] = {"ConfigurationRecorderName": "default"}
_TEMPLATE: dict[str, Json] = {"LaunchTemplateId": "lt-0a1b2c3d4e5f60001"}
_PARAMS: dict[str, dict[str, Json]] = {
    "accessanalyzer:CreateAnalyzer": {"analyzerName": "external-access", "type": "ACCOUNT"},
    "accessanalyzer:DeleteAnalyzer": {"analyzerName": "external-access"},
    "config:PutConfigurationRecorder": {"ConfigurationRecorder": {"name": "default"}},
    "config:DeleteConfigurationRecorder": _RECORDER,
    "config:PutDeliveryChannel": {"DeliveryChannel": {"name": "default", "s3BucketName": "b"}},
    "config:DeleteDeliveryChannel": {"DeliveryChannelName": "default"},
    "config:StartConfigurationRecorder": _RECORDER,
    "config:StopConfigurationRecorder": _RECORDER,
    "logs:CreateLogGroup": {"logGroupName": "events"},
    "logs:DeleteLogGroup": {"logGroupName": "events"},
    "logs:PutRetentionPolicy": {"logGroupName": "events", "retentionInDays": 30},
    "logs:DeleteRetentionPolicy": {"logGroupName": "events"},
    "logs:PutDeliverySource": {
        "name": "requests",
        "resourceArn": "arn:aws:cloudfront::123456789012:distribution/E1",
        "logType": "ACCESS_LOGS",
    },
    "logs:DeleteDeliverySource": {"name": "requests"},
    "logs:PutDeliveryDestination": {
        "name": "requests",
        "deliveryDestinationConfiguration": {"destinationResourceArn": "arn:aws:s3:::files"},
    },
    "logs:DeleteDeliveryDestination": {"name": "requests"},
    "logs:CreateDelivery": {
        "deliverySourceName": "requests",
        "deliveryDestinationArn": "arn:aws:logs:us-east-1:123456789012:delivery-destination:x",
    },
    "logs:DeleteDelivery": {"id": "0a1b2c3d4e5f6789"},
    "logs:PutMetricFilter": {
        "logGroupName": "events",
        "filterName": "root",
        "filterPattern": "x",
        "metricTransformations": [
            {"metricName": "root", "metricNamespace": "Events", "metricValue": "1"}
        ],
    },
    "logs:DeleteMetricFilter": {"logGroupName": "events", "filterName": "root"},
    "cloudwatch:PutMetricAlarm": {
        "AlarmName": "root",
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    },
    "cloudwatch:DeleteAlarms": {"AlarmNames": ["root"]},
    "cloudwatch:EnableAlarmActions": {"AlarmNames": ["root"]},
    "cloudwatch:DisableAlarmActions": {"AlarmNames": ["root"]},
    "sns:CreateTopic": {"Name": "events"},
    "sns:DeleteTopic": {"TopicArn": "arn:aws:sns:us-east-1:123456789012:events"},
    "ec2:AssociateIamInstanceProfile": {
        "InstanceId": "i-0a1b2c3d4e5f60001",
        "IamInstanceProfile": {"Name": "app"},
    },
    "ec2:DisassociateIamInstanceProfile": {"AssociationId": "iip-assoc-0a1b2c3d4e5f60001"},
    "ec2:CreateLaunchTemplateVersion": {
        **_TEMPLATE,
        "SourceVersion": "1",
        "LaunchTemplateData": {"IamInstanceProfile": {"Name": "app"}},
    },
    "ec2:DeleteLaunchTemplateVersions": {**_TEMPLATE, "Versions": ["2"]},
    "ec2:ModifyLaunchTemplate": {**_TEMPLATE, "DefaultVersion": "2"},
    "s3:PutPublicAccessBlock": {
        **_BUCKET,
        "PublicAccessBlockConfiguration": {"BlockPublicAcls": True},
    },
    "s3:DeletePublicAccessBlock": _BUCKET,
    "s3:PutBucketPolicy": {**_BUCKET, "Policy": "{}"},
    "s3:DeleteBucketPolicy": _BUCKET,
    "sqs:SetQueueAttributes": {
        "QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/jobs",
        "Attributes": {"Policy": "{}"},
    },
    "sns:SetTopicAttributes": {
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:events",
        "AttributeName": "Policy",
        "AttributeValue": "{}",
    },
    "s3:PutBucketLogging": {**_BUCKET, "BucketLoggingStatus": {}},
}


def monitoring_samples() -> dict[str, Call]:
    """Them by service and operation."""
    return {name: _call(name, params) for name, params in _PARAMS.items()}


def _call(name: str, params: dict[str, Json]) -> Call:
    service, _, operation = name.partition(":")
    return Call(service, operation, params, "us-east-1")
