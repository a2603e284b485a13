"""An AWS account, how its ARNs are written, and where its global services are at home."""

from dataclasses import dataclass
from typing import Self

_HOMES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


def of_one_principal(arn: str) -> bool:
    """Whether this is the ARN of one user or role, without * and ?."""
    kind = arn.split(":", 5)[-1].partition("/")[0]
    return arn.startswith("arn:") and kind in ("role", "user") and not set(arn) & set("*?")


@dataclass(frozen=True, slots=True)
class Account:
    """One AWS account: twelve digits and the partition (aws, aws-cn, aws-us-gov, …)."""

    id: str
    partition: str = "aws"

    @classmethod
    def of_arn(cls, arn: str) -> Self:
        """The account that an ARN such as the caller's belongs to.

        Raises ValueError for text that isn't an ARN with an account id.
        """
        parts = arn.split(":", 5)
        if len(parts) < 6 or parts[0] != "arn" or not (parts[4].isdigit() and len(parts[4]) == 12):
            raise ValueError(f"not an ARN of an account: {arn!r}")
        return cls(id=parts[4], partition=parts[1])

    @property
    def home_region(self) -> str | None:
        """Where the partition keeps its global services, as far as that is known.

        CloudTrail keeps the events of IAM there.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
        """
        return _HOMES.get(self.partition)

    def iam_arn(self, resource: str) -> str:
        """The ARN of an IAM resource here: `iam_arn("user/alice")`."""
        return f"arn:{self.partition}:iam::{self.id}:{resource}"

    def aws_policy_arn(self, name: str) -> str:
        """The ARN of an AWS-managed policy, path included: `aws_policy_arn("PowerUserAccess")`."""
        return f"arn:{self.partition}:iam::aws:policy/{name}"

    def is_aws_managed(self, policy_arn: str) -> bool:
        """Whether AWS, not the customer, keeps this policy."""
        return policy_arn.startswith(f"arn:{self.partition}:iam::aws:policy/")
