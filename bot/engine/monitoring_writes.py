"""The writes of plans that let somebody look at an account, by service: trails aside.

None of them gives rights to anyone, and none deletes what an account recorded.
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
    "sns": frozenset({"CreateTopic", "DeleteTopic"}),
    "ec2": frozenset(
        {
            "AssociateIamInstanceProfile",
            "DisassociateIamInstanceProfile",
            "CreateLaunchTemplateVersion",
            "DeleteLaunchTemplateVersions",
            "ModifyLaunchTemplate",
        }
    ),
    "s3": frozenset({"PutPublicAccessBlock", "DeletePublicAccessBlock", "PutBucketLogging"}),
}
