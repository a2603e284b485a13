"""What an account looks like to bare boto3: the judge of every control's effect.

Shares no code with the inventory, the executor or the controls, so it can't share their mistakes.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from bot.aws.simulated import AccountBuilder
from tests.remediations.acting import root_session
from tests.remediations.oracle_regional import computing_facts, wider_facts

#: Where trails are looked for.
REGIONS = ("us-east-1", "eu-west-1")

Facts = Mapping[tuple[str, ...], Any]


def facts(account: AccountBuilder) -> Facts:
    """Every fact about the account that a person could care about, by its place.

    Left out is what AWS writes down by itself: dates of changes, counts, the credential report.
    """
    iam = account.client()
    found: dict[tuple[str, ...], Any] = {}
    for page in iam.get_paginator("get_account_authorization_details").paginate():
        for user in page["UserDetailList"]:
            place = ("users", user["UserName"])
            found.update(_principal(place, user, "User"))
            found[(*place, "groups")] = sorted(user["GroupList"])
            found.update(_credentials(place, iam, user["UserName"]))
        for group in page["GroupDetailList"]:
            found.update(_principal(("groups", group["GroupName"]), group, "Group"))
        for role in page["RoleDetailList"]:
            place = ("roles", role["RoleName"])
            found.update(_principal(place, role, "Role"))
            found[(*place, "trust")] = _text(role["AssumeRolePolicyDocument"])
        for policy in page["Policies"]:
            if ":iam::aws:" not in policy["Arn"]:
                found.update(_policy(policy))
    found.update(_virtual_devices(iam))
    found[("password-policy",)] = _password_policy(iam)
    for certificate in iam.list_server_certificates()["ServerCertificateMetadataList"]:
        found[("server-certificates", certificate["ServerCertificateName"])] = True
    found.update(_contacts(account))
    found.update(_organization(account))
    for region in REGIONS:
        found.update(_trails(account, region))
    return found


def all_facts(account: AccountBuilder) -> Facts:
    """With what controls change that are off at first: buckets, log groups, alarms and the like."""
    return {**facts(account), **dict(wider_facts(account, REGIONS))}


def computing(account: AccountBuilder) -> Facts:
    """What of programs a plan may change; loading it takes seconds."""
    return dict(computing_facts(account, account.region))


def changed(before: Facts, after: Facts) -> frozenset[tuple[str, ...]]:
    """The places where the two differ."""
    return frozenset(
        place
        for place in before.keys() | after.keys()
        if before.get(place, "nothing") != after.get(place, "nothing")
    )


def _principal(
    place: tuple[str, ...], item: Mapping[str, Any], kind: str
) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield (*place, "id"), (item[f"{kind}Id"], item["Path"])
    yield (*place, "tags"), _text(sorted(item.get("Tags", []), key=_text))
    yield (*place, "boundary"), _text(item.get("PermissionsBoundary"))
    for attached in item["AttachedManagedPolicies"]:
        yield (*place, "attached", attached["PolicyArn"]), True
    for inline in item.get(f"{kind}PolicyList", []):
        yield (*place, "inline", inline["PolicyName"]), _text(inline["PolicyDocument"])


def _credentials(
    place: tuple[str, ...], iam: Any, name: str
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        state = (key["Status"], key["CreateDate"].isoformat())
        yield (*place, "keys", key["AccessKeyId"]), state
    for device in iam.list_mfa_devices(UserName=name)["MFADevices"]:
        yield (*place, "mfa", device["SerialNumber"]), True
    others = (
        ("list_ssh_public_keys", "SSHPublicKeys", "SSHPublicKeyId"),
        ("list_signing_certificates", "Certificates", "CertificateId"),
        (
            "list_service_specific_credentials",
            "ServiceSpecificCredentials",
            "ServiceSpecificCredentialId",
        ),
    )
    for listing, answer, of in others:
        for each in getattr(iam, listing)(UserName=name)[answer]:
            yield (*place, "credentials", each[of]), each["Status"]
    try:
        login = iam.get_login_profile(UserName=name)["LoginProfile"]
    except ClientError as error:
        _only("NoSuchEntity", error)
        return
    reset = login.get("PasswordResetRequired", False)
    yield (*place, "password"), (login["CreateDate"].isoformat(), reset)


def _policy(policy: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    place = ("policies", policy["Arn"])
    yield (*place, "default"), policy["DefaultVersionId"]
    for version in policy["PolicyVersionList"]:
        yield (*place, "versions", version["VersionId"]), _text(version["Document"])


def _virtual_devices(iam: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    for device in iam.list_virtual_mfa_devices()["VirtualMFADevices"]:
        yield ("virtual-mfa", device["SerialNumber"]), (device.get("User") or {}).get("Arn")


def _password_policy(iam: Any) -> Any:
    try:
        policy: dict[str, Any] = iam.get_account_password_policy()["PasswordPolicy"]
    except ClientError as error:
        _only("NoSuchEntity", error)
        return None
    # Whether passwords expire follows from their maximum age, and 0 stands for none.
    return {name: value for name, value in policy.items() if name != "ExpirePasswords" and value}


def _contacts(account: AccountBuilder) -> Iterator[tuple[tuple[str, ...], Any]]:
    client = account.client("account")
    for kind in ("SECURITY", "OPERATIONS", "BILLING"):
        try:
            contact = client.get_alternate_contact(AlternateContactType=kind)["AlternateContact"]
        except ClientError as error:
            _only("ResourceNotFoundException", error)
            continue
        yield ("contacts", kind), _text(contact)


def _organization(account: AccountBuilder) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What of central root access is on, and what root has in each member."""
    organizations = account.client("organizations")
    try:
        listed = organizations.list_accounts()["Accounts"]
    except ClientError as error:
        _only("AWSOrganizationsNotInUseException", error)
        return
    services = organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    yield ("organization", "trusted"), sorted(each["ServicePrincipal"] for each in services)
    features = sorted(account.iam.organization_features)
    yield ("organization", "features"), features
    if "RootCredentialsManagement" not in features:
        return
    for member in (each["Id"] for each in listed if each["Id"] != account.account_id):
        iam = root_session(account, member, "IAMAuditRootUserCredentials").client("iam")
        place = ("members", member)
        yield (*place, "summary"), _text(iam.get_account_summary()["SummaryMap"])
        for key in iam.list_access_keys()["AccessKeyMetadata"]:
            yield (*place, "key", key["AccessKeyId"]), key["Status"]
        for device in iam.list_mfa_devices()["MFADevices"]:
            yield (*place, "mfa", device["SerialNumber"]), True


def _trails(account: AccountBuilder, region: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    cloudtrail = account.client("cloudtrail", region)
    for trail in cloudtrail.describe_trails(includeShadowTrails=False)["trailList"]:
        if trail["HomeRegion"] != region:
            continue
        arn = trail["TrailARN"]
        selectors = cloudtrail.get_event_selectors(TrailName=arn)
        kinds = ("EventSelectors", "AdvancedEventSelectors")
        seen = {key: value for key, value in trail.items() if key != "HasCustomEventSelectors"}
        yield ("trails", arn, "settings"), _text(seen)
        yield ("trails", arn, "logging"), cloudtrail.get_trail_status(Name=arn)["IsLogging"]
        yield ("trails", arn, "selectors"), _text({kind: selectors[kind] for kind in kinds})


def _only(code: str, error: ClientError) -> None:
    if error.response["Error"]["Code"] != code:
        raise error


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
