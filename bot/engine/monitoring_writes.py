"""The writes of plans that let somebody look at an account, or shut a bucket, queue or topic.

None of them deletes what an account recorded. Trails are among the other writes.
"""

from collections.abc import Mapping

MONITORING_WRITES: Mapping[str, frozenset[str]] = {
    "accessanalyzer": frozenset({"CreateAnalyzer", "DeleteAnalyzer"}),
    "config": frozenset(
        {
            "PutConfigurationRecorder",
            "DeleteConfigurationRecorder",
            "PutDeliveryChannel",
            "DeleteDeliveryChannel",
            "StartConfigurationRecorder",
            "StopConfigurationRecorder",
        }
    ),
    "logs": frozenset(
        {
            "CreateLogGroup",
            "DeleteLogGroup",
            "PutRetentionPolicy",
            "DeleteRetentionPolicy",
            "PutMetricFilter",
            "DeleteMetricFilter",
            "PutDeliverySource",
            "DeleteDeliverySource",
            "PutDeliveryDestination",
            "DeleteDeliveryDestination",
            "CreateDelivery",
            "DeleteDelivery",
        }
    ),
    "cloudwatch": frozenset(
        {"PutMetricAlarm", "DeleteAlarms", "EnableAlarmActions", "DisableAlarmActions"}
    ),
    "ec2": frozenset(
        {
            "AssociateIamInstanceProfile",
            "DisassociateIamInstanceProfile",
            "CreateLaunchTemplateVersion",
            "DeleteLaunchTemplateVersions",
            "ModifyLaunchTemplate",
        }
    ),
    "sns": frozenset({"CreateTopic", "DeleteTopic", "SetTopicAttributes"}),
    "s3": frozenset(
        {
            "PutPublicAccessBlock",
            "DeletePublicAccessBlock",
            "PutBucketLogging",
            "PutBucketPolicy",
            "DeleteBucketPolicy",
        }
    ),
    "sqs": frozenset({"SetQueueAttributes"}),
}
