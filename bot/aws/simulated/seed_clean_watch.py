"""The alarms of the company that does everything right: one for each kind of event that the CIS
benchmark names, as its filters stand in AWS's documentation, or written otherwise to the same end.

https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""

from __future__ import annotations

from bot.aws.simulated.builder import AccountBuilder

#: By the names of the filters: the calls of which any counts.
_CALLS = {
    "policies": (
        "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy "
        "PutUserPolicy CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion "
        "AttachRolePolicy DetachRolePolicy AttachUserPolicy DetachUserPolicy "
        "AttachGroupPolicy DetachGroupPolicy"
    ),
    "trails": "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging",
    "keys": "DisableKey ScheduleKeyDeletion",
    "bucket-policies": (
        "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication "
        "DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication"
    ),
    "config": (
        "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel "
        "PutConfigurationRecorder"
    ),
    "security-groups": (
        "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress "
        "RevokeSecurityGroupIngress RevokeSecurityGroupEgress CreateSecurityGroup "
        "DeleteSecurityGroup"
    ),
    # One more than is asked for.
    "network-acls": (
        "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry "
        "ReplaceNetworkAclEntry ReplaceNetworkAclAssociation CreateDefaultVpc"
    ),
    "gateways": (
        "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway "
        "CreateInternetGateway DeleteInternetGateway DetachInternetGateway"
    ),
    "routes": (
        "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation "
        "DeleteRouteTable DeleteRoute DisassociateRouteTable"
    ),
    "networks": (
        "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection "
        "CreateVpcPeeringConnection DeleteVpcPeeringConnection RejectVpcPeeringConnection "
        "AttachClassicLinkVpc DetachClassicLinkVpc DisableVpcClassicLink EnableVpcClassicLink"
    ),
    "organization": (
        "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy "
        "DeclineHandshake DeleteOrganization DeleteOrganizationalUnit DeletePolicy "
        "DetachPolicy DisablePolicyType EnablePolicyType InviteAccountToOrganization "
        "LeaveOrganization MoveAccount RemoveAccountFromOrganization UpdatePolicy "
        "UpdateOrganizationalUnit"
    ),
}
#: Filters that name the service besides, and which.
_SOURCES = {
    "policies": "iam",
    "keys": "kms",
    "bucket-policies": "s3",
    "config": "config",
    "routes": "ec2",
    "organization": "organizations",
}
_SAID = {
    "use-of-root": '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
    '&& $.eventType != "AwsServiceEvent" }',
    # The quotes are left out, and the order is another one.
    "refused": "{($.errorCode=AccessDenied*)||($.errorCode=*UnauthorizedOperation)}",
    "without-mfa": '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") '
    '&& ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
    "failed": '{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}',
}


def watch(account: AccountBuilder, log_group: str, topic: str) -> None:
    """An alarm on each, which tells the topic."""
    made = {name: _any_of(calls, _SOURCES.get(name)) for name, calls in _CALLS.items()}
    for name, pattern in {**made, **_SAID}.items():
        account.watched(log_group, name, pattern, topics=(topic,))


def _any_of(calls: str, source: str | None) -> str:
    any_of = " || ".join(f"($.eventName={call})" for call in calls.split())
    if source is None:
        return f"{{{any_of}}}"
    return f"{{($.eventSource={source}.amazonaws.com) && ({any_of})}}"
