"""The events on which the CIS benchmark wants an alarm, as filters of CloudWatch Logs.

Two filters that say the same are written in many ways: spaces, quotes, brackets and the order don't
count, nor does naming the service whose events they are anyway, and one that looks for more events
than ours covers it.
"""

import re
from dataclasses import dataclass

from bot.model import Standards


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of event; `number` is its item of the CIS benchmark's chapter on monitoring.

    `names` are calls of which any one counts. Where there are none, `patterns` are the filters that
    count, the one to make first. `source` is the service that these events are of, empty where
    they are of many; the filter to make `says_source` where the published one does.
    """

    id: str
    what: str
    number: int
    names: tuple[str, ...] = ()
    source: str = ""
    says_source: bool = False
    patterns: tuple[str, ...] = ()

    @property
    def pattern(self) -> str:
        """The filter to make."""
        if self.patterns:
            return self.patterns[0]
        any_of = " || ".join(f"($.eventName = {name})" for name in self.names)
        if not self.says_source:
            return f"{{ {any_of} }}"
        return f"{{ ($.eventSource = {self.source}) && ({any_of}) }}"

    def is_seen_by(self, pattern: str) -> bool:
        """Whether a filter with this pattern sees every event of the kind."""
        terms = _terms(pattern) - {frozenset({f"$.eventSource={self.source}"})}
        if self.patterns:
            return terms in [_terms(each) for each in self.patterns]
        if len(terms) != 1:
            return False
        (any_of,) = terms
        if not all(each.startswith("$.eventName=") for each in any_of):
            return False
        return {*self.names} <= {each.removeprefix("$.eventName=") for each in any_of}


def _terms(pattern: str) -> frozenset[frozenset[str]]:
    """What all must hold of an event, each as what of which any must."""
    plain = re.sub(r"[\s\"'(){}]", "", pattern)
    return frozenset(frozenset(each.split("||")) for each in plain.split("&&"))


def _calls(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SIGN_IN = "($.eventName = ConsoleLogin)"
_NO_MFA = f'{_SIGN_IN} && ($.additionalEventData.MFAUsed != "Yes")'
_REFUSED = '($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")'
_NOISE = '($.sourceIPAddress != "delivery.logs.amazonaws.com") && ($.eventName != "HeadBucket")'
_IN_AS_USER = '($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success")'
_BY_ROOT = (
    '$.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && '
    '$.eventType != "AwsServiceEvent"'
)

EVENTS: tuple[Event, ...] = (
    Event(
        "refused-calls",
        "calls that were refused",
        1,
        patterns=(f"{{ {_REFUSED} }}", f"{{ {_REFUSED} && {_NOISE} }}"),
    ),
    Event(
        "sign-in-without-mfa",
        "sign-ins without MFA",
        2,
        source="signin.amazonaws.com",
        patterns=(f"{{ {_NO_MFA} && {_IN_AS_USER} }}", f"{{ {_NO_MFA} }}"),
    ),
    Event(
        "use-of-root",
        "use of root",
        3,
        patterns=(f"{{ {_BY_ROOT} }}",),
    ),
    Event(
        "iam-policies",
        "changes of IAM policies",
        4,
        _calls(
            "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy "
            "PutUserPolicy CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion "
            "AttachRolePolicy DetachRolePolicy AttachUserPolicy DetachUserPolicy "
            "AttachGroupPolicy DetachGroupPolicy"
        ),
        "iam.amazonaws.com",
        says_source=True,
    ),
    Event(
        "trails",
        "changes of trails",
        5,
        _calls("CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging"),
        "cloudtrail.amazonaws.com",
    ),
    Event(
        "failed-sign-ins",
        "failed sign-ins",
        6,
        source="signin.amazonaws.com",
        patterns=(f'{{ {_SIGN_IN} && ($.errorMessage = "Failed authentication") }}',),
    ),
    Event(
        "keys-switched-off",
        "KMS keys switched off or about to be deleted",
        7,
        _calls("DisableKey ScheduleKeyDeletion"),
        "kms.amazonaws.com",
        says_source=True,
    ),
    Event(
        "bucket-policies",
        "changes of bucket policies",
        8,
        _calls(
            "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication "
            "DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication"
        ),
        "s3.amazonaws.com",
        says_source=True,
    ),
    Event(
        "config",
        "changes of AWS Config",
        9,
        _calls(
            "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel "
            "PutConfigurationRecorder"
        ),
        "config.amazonaws.com",
        says_source=True,
    ),
    Event(
        "security-groups",
        "changes of security groups",
        10,
        _calls(
            "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress "
            "RevokeSecurityGroupIngress RevokeSecurityGroupEgress CreateSecurityGroup "
            "DeleteSecurityGroup"
        ),
        "ec2.amazonaws.com",
    ),
    Event(
        "network-acls",
        "changes of network ACLs",
        11,
        _calls(
            "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry "
            "ReplaceNetworkAclEntry ReplaceNetworkAclAssociation"
        ),
        "ec2.amazonaws.com",
    ),
    Event(
        "gateways",
        "changes of network gateways",
        12,
        _calls(
            "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway "
            "CreateInternetGateway DeleteInternetGateway DetachInternetGateway"
        ),
        "ec2.amazonaws.com",
    ),
    Event(
        "route-tables",
        "changes of route tables",
        13,
        _calls(
            "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation "
            "DeleteRouteTable DeleteRoute DisassociateRouteTable"
        ),
        "ec2.amazonaws.com",
        says_source=True,
    ),
    Event(
        "networks",
        "changes of VPCs",
        14,
        _calls(
            "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection "
            "CreateVpcPeeringConnection DeleteVpcPeeringConnection RejectVpcPeeringConnection "
            "AttachClassicLinkVpc DetachClassicLinkVpc DisableVpcClassicLink EnableVpcClassicLink"
        ),
        "ec2.amazonaws.com",
    ),
    Event(
        "organization",
        "changes of the organization",
        15,
        _calls(
            "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy "
            "DeclineHandshake DeleteOrganization DeleteOrganizationalUnit DeletePolicy "
            "DetachPolicy DisablePolicyType EnablePolicyType InviteAccountToOrganization "
            "LeaveOrganization MoveAccount RemoveAccountFromOrganization UpdatePolicy "
            "UpdateOrganizationalUnit"
        ),
        "organizations.amazonaws.com",
        says_source=True,
    ),
)

#: The items of all these events.
STANDARDS = Standards(
    cis={
        "3.0": tuple(f"4.{event.number}" for event in EVENTS),
        "5.0": tuple(f"4.{event.number}" for event in EVENTS),
        "7.0": tuple(f"5.{event.number}" for event in EVENTS),
    },
)
