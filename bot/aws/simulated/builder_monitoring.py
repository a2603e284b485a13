"""The part of the account builder that makes what looks at an account, by Region."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from moto.s3.models import get_canned_acl, s3_backends

from bot.aws.simulated.access_analyzer import analyzer_backends
from bot.aws.simulated.builder_organization import OrganizationBuilder


class MonitoringBuilder(OrganizationBuilder):
    """Regions, analyzers, keys and buckets."""

    def regions(self, *names: str) -> None:
        """The Regions that are enabled in the account."""
        self.iam.regions = set(names)

    def analyzer(self, name: str, *, kind: str = "ACCOUNT", region: str | None = None) -> str:
        """An Access Analyzer, for external access unless `kind` says otherwise; its ARN."""
        here = analyzer_backends[self.account_id][region or self.region]
        return here.make(name, kind, self.now)

    def unused_access(
        self,
        analyzer: str,
        kind: str,
        resource: str,
        *,
        rights: Mapping[str, Iterable[str]] | None = None,
        key_id: str = "",
        region: str | None = None,
    ) -> str:
        """A finding of an analyzer, by its name, about an ARN (`kind` UnusedIAMRole…); its id.

        `rights` are the names of actions by service, none for all of a service.
        """
        here = analyzer_backends[self.account_id][region or self.region]
        details: list[dict[str, Any]] = [
            {"unusedPermissionDetails": _unused(service, actions)}
            for service, actions in (rights or {}).items()
        ]
        if key_id:
            details.append({"unusedIamUserAccessKeyDetails": {"accessKeyId": key_id}})
        return here.find(analyzer, kind, resource, self.now, details)

    def kms_key(self, key_id: str) -> str:
        """A key of KMS with that id, switched on; its ARN."""
        from moto.kms.models import kms_backends

        keys: Any = kms_backends[self.account_id][self.region]
        key = keys.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", [])
        del keys.keys[key.id]
        arn = key.arn.replace(key.id, key_id)
        vars(key).update(id=key_id, arn=arn)
        keys.keys[key_id] = key
        return str(arn)

    def topic(self, name: str, *, heard: bool = True) -> str:
        """A topic of SNS, with one subscription that was confirmed or not; its ARN."""
        from moto.sns.models import sns_backends

        sns = sns_backends[self.account_id][self.region]
        topic = sns.create_topic(name, {}, {})
        subscription = sns.subscribe(topic.arn, "on-call@harbourlight.example", "email")
        if not heard:
            vars(subscription)["arn"] = "PendingConfirmation"
        return str(topic.arn)

    def topic_policy(self, arn: str, document: Mapping[str, object]) -> None:
        """Who may use a topic."""
        from moto.sns.models import sns_backends

        here = sns_backends[self.account_id][arn.split(":")[3]]
        here.set_topic_attribute(arn, "policy", json.dumps(document))

    def watched(
        self,
        group: str,
        name: str,
        pattern: str,
        *,
        topics: tuple[str, ...] = (),
        alarm: bool = True,
        speaks: bool = True,
    ) -> None:
        """A metric filter of a log group, and an alarm on it that tells topics if it `speaks`."""
        from moto.cloudwatch.models import cloudwatch_backends
        from moto.logs.models import logs_backends

        counted = [{"metricName": name, "metricNamespace": "Own", "metricValue": "1"}]
        logs: Any = logs_backends[self.account_id][self.region]
        logs.ensure_log_group(group)
        logs.put_metric_filter(name, pattern, group, counted)
        if not alarm:
            return
        watching: Any = cloudwatch_backends[self.account_id][self.region]
        watching.put_metric_alarm(
            name=f"own-{name}",
            namespace="Own",
            metric_name=name,
            comparison_operator="GreaterThanOrEqualToThreshold",
            evaluation_periods=1,
            period=300,
            threshold=1.0,
            statistic="Sum",
            description="",
            dimensions=[],
            alarm_actions=[*topics],
            ok_actions=[],
            insufficient_data_actions=[],
            actions_enabled=speaks,
        )

    def config_recorder(
        self,
        *,
        region: str | None = None,
        recording: bool = True,
        group: Mapping[str, object] | None = None,
        channel: bool = True,
        status: str = "Success",
    ) -> None:
        """AWS Config's recorder of a Region, of all types with IAM's unless `group` says otherwise.

        `status` is that of its last delivery.
        """
        from moto.config.models import config_backends

        config = config_backends[self.account_id][region or self.region]
        all_types = {"allSupported": True, "includeGlobalResourceTypes": True}
        role = f"arn:aws:iam::{self.account_id}:role/aws-service-role/config.amazonaws.com/"
        config.put_configuration_recorder(
            {
                "name": "default",
                "roleARN": f"{role}AWSServiceRoleForConfig",
                "recordingGroup": dict(group or all_types),
            }
        )
        if channel:
            config.put_delivery_channel({"name": "default", "s3BucketName": "config-files"})
        if recording:
            config.start_configuration_recorder("default")
        config.recorders["default"].status.last_status = status

    def bucket(
        self,
        name: str,
        *,
        policy: Mapping[str, object] | None = None,
        block: Mapping[str, bool] | None = None,
        acl: str = "private",
        logs_to: str | None = None,
        region: str | None = None,
    ) -> None:
        """A bucket, or more about one that is there; `block` by the names of AWS's settings."""
        buckets = s3_backends[self.account_id][self.iam.partition]
        if name not in buckets.buckets:
            buckets.create_bucket(name, region or self.region)
        if acl != "private":
            buckets.put_bucket_acl(name, get_canned_acl(acl))
        if policy is not None:
            buckets.put_bucket_policy(name, json.dumps(policy).encode())
        if block is not None:
            buckets.put_public_access_block(name, dict(block))
        if logs_to is not None:
            target = {"TargetBucket": logs_to, "TargetPrefix": f"{name}/"}
            buckets.buckets[name].logging = target

    def account_block(self, block: Mapping[str, bool]) -> None:
        """What keeps the public out of all buckets, by the names of AWS's settings."""
        from moto.s3control.models import s3control_backends

        here = s3control_backends[self.account_id][self.iam.partition]
        here.put_public_access_block(self.account_id, dict(block))

    def distribution(
        self, comment: str, *, enabled: bool = True, logs_to: str | None = None
    ) -> str:
        """A CloudFront distribution, which logs into a bucket the older way or not; its id."""
        from moto.cloudfront.models import cloudfront_backends

        told: dict[str, Any] = {
            "CallerReference": comment,
            "Comment": comment,
            "Enabled": enabled,
            "Origins": {
                "Quantity": 1,
                "Items": [{"Id": "web", "DomainName": "web.harbourlight.example"}],
            },
            "DefaultCacheBehavior": {
                "TargetOriginId": "web",
                "ViewerProtocolPolicy": "https-only",
            },
        }
        if logs_to:
            into = f"{logs_to}.s3.amazonaws.com"
            told["Logging"] = {
                "Enabled": True,
                "IncludeCookies": False,
                "Bucket": into,
                "Prefix": "",
            }
        backend: Any = cloudfront_backends[self.account_id][self.iam.partition]
        made = backend.create_distribution(told, [])
        return str((made[0] if isinstance(made, tuple) else made).distribution_id)

    def forget_bucket(self, name: str) -> None:
        """Take a bucket out of the account, as if it were another one's."""
        s3_backends[self.account_id][self.iam.partition].buckets.pop(name)


def _unused(service: str, actions: Iterable[str]) -> dict[str, Any]:
    named = [{"action": each} for each in actions]
    return {"serviceNamespace": service, **({"actions": named} if named else {})}
