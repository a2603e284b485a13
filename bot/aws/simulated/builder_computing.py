"""The part of the account builder that makes what runs programs; it loads moto's EC2 when used."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from bot.aws.simulated.builder_monitoring import MonitoringBuilder


class ComputingBuilder(MonitoringBuilder):
    """Instances, their profiles, launch templates and functions."""

    def instance_profile(self, name: str, role: str) -> str:
        """An instance profile with a role in it; its ARN."""
        self.iam.create_instance_profile(name, "/", [], [])
        self.iam.add_role_to_instance_profile(name, role)
        return str(self.iam.get_instance_profile(name).arn)

    def instance(
        self,
        name: str,
        *,
        profile: str | None = None,
        group: str | None = None,
        user_data: str | bytes = "",
        region: str | None = None,
    ) -> str:
        """A running instance, with an instance profile by name, in a group; its id."""
        ec2 = self._ec2(region)
        raw = user_data.encode() if isinstance(user_data, str) else user_data
        tags = {"Name": name, **({"aws:autoscaling:groupName": group} if group else {})}
        made = ec2.run_instances(
            "ami-12c6146b",
            1,
            base64.b64encode(raw).decode() if raw else None,
            [],
            is_instance_type_default=True,
            instance_type="t3.small",
            region_name=ec2.region_name,
            tags={"instance": tags},
            associate_public_ip=True,
            nics=[],
        ).instances[0]
        if profile:
            ec2.associate_iam_instance_profile(made.id, iam_instance_profile_name=profile)
        return str(made.id)

    def launch_template(
        self, name: str, *, profile: str | None = None, region: str | None = None
    ) -> str:
        """A launch template, with an instance profile by name; its id."""
        data: dict[str, Any] = {"ImageId": "ami-12c6146b", "InstanceType": "t3.small"}
        if profile:
            data["IamInstanceProfile"] = {"Name": profile}
        return str(self._ec2(region).create_launch_template(name, "", data, {}).id)

    def function(
        self, name: str, environment: Mapping[str, str] | None = None, *, region: str | None = None
    ) -> str:
        """A Lambda function with environment variables; its ARN."""
        from moto.awslambda.models import lambda_backends

        functions: Any = lambda_backends[self.account_id][region or self.region]
        name_of_role = f"{name}-function"
        trust = {"Principal": {"Service": "lambda.amazonaws.com"}, "Effect": "Allow"}
        statement = [{**trust, "Action": "sts:AssumeRole"}]
        role = self.role(
            name_of_role,
            trust={"Version": "2012-10-17", "Statement": statement},
            last_used=self.now,
        )
        spec: dict[str, Any] = {
            "FunctionName": name,
            "Role": role,
            "Runtime": "python3.13",
            "Handler": "main.handle",
            "Code": {"ImageUri": "harbourlight/function:1"},
            "PackageType": "Image",
            "Environment": {"Variables": dict(environment or {})},
        }
        return str(functions.create_function(spec).function_arn)

    def _ec2(self, region: str | None) -> Any:
        from moto.ec2.models import ec2_backends

        return ec2_backends[self.account_id][region or self.region]
