"""One call of each write that lets somebody look at an account."""

from bot.model import Call, Json

_BUCKET: dict[str, Json] = {"Bucket": "files", "ExpectedBucketOwner": "123456789012"}
_RECORDER: dict[str, Json] = {"ConfigurationRecorderName": "default"}
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
    "s3:PutPublicAccessBlock": {
        **_BUCKET,
        "PublicAccessBlockConfiguration": {"BlockPublicAcls": True},
    },
    "s3:DeletePublicAccessBlock": _BUCKET,
    "s3:PutBucketLogging": {**_BUCKET, "BucketLoggingStatus": {}},
}


def monitoring_samples() -> dict[str, Call]:
    """Them by service and operation."""
    return {name: _call(name, params) for name, params in _PARAMS.items()}


def _call(name: str, params: dict[str, Json]) -> Call:
    service, _, operation = name.partition(":")
    return Call(service, operation, params, "us-east-1")
