"""What AWS answers for some seconds while it doesn't know yet what a step did just before.

Terraform's AWS provider waits for these too, or for the same of another thing: see the links.
"""

from dataclasses import replace

from bot.model import Call, TooEarly

#: EC2, of an instance profile or the role in it.
#: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ec2/ec2_instance.go
NEW_PROFILE = (
    TooEarly("InvalidParameterValue", "Invalid IAM Instance Profile"),
    TooEarly("InvalidParameterValue", "has no associated IAM Roles"),
)
#: CloudTrail, of a role and of what it may do with a log group.
#: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/cloudtrail/trail.go
NEW_LOG_WRITER = (
    TooEarly("InvalidCloudWatchLogsRoleArnException", "Access denied."),
    TooEarly("InvalidCloudWatchLogsLogGroupArnException", "Access denied."),
)
#: IAM itself, of a role, a group or a policy.
#: https://github.com/hashicorp/terraform-provider-aws/pull/6079
NEW_ROLE = (TooEarly("NoSuchEntity", "The role with name"),)
NEW_GROUP = (TooEarly("NoSuchEntity", "The group with name"),)
NEW_POLICY = (TooEarly("NoSuchEntity", "does not exist or is not attachable"),)
#: IAM, of a role that lost its policies and profiles just then.
#: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/iam/role.go
STILL_HELD = (TooEarly("DeleteConflict", "must"),)


def patient(call: Call, *answers: TooEarly) -> Call:
    """The call, made again where AWS answers one of these."""
    return replace(call, too_early=answers)
