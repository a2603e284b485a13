"""One complete example of every write that a plan may make, about `NAMED` identities."""

from bot.model import Call, Json
from tests.engine.monitoring_samples import monitoring_samples

KEY = "AKIAIOSFODNN7EXAMPLE"
DOCUMENT = '{"Version":"2012-10-17","Statement":[]}'
POLICY = "arn:aws:iam::123456789012:policy/some-policy"
TRAIL = {"Name": "trail"}


def samples(user: str = "sam", group: str = "team", role: str = "worker") -> dict[str, Call]:
    """The examples by `service:operation`."""
    to_user: dict[str, Json] = {"UserName": user}
    to_group: dict[str, Json] = {"GroupName": group}
    to_role: dict[str, Json] = {"RoleName": role}
    inline: dict[str, Json] = {"PolicyName": "inline"}
    put: dict[str, Json] = {**inline, "PolicyDocument": DOCUMENT}
    managed: dict[str, Json] = {"PolicyArn": POLICY}
    tags: dict[str, Json] = {"Tags": [{"Key": "a", "Value": "b"}]}
    untag: dict[str, Json] = {"TagKeys": ["a"]}
    serial: dict[str, Json] = {"SerialNumber": "arn:aws:iam::123456789012:mfa/sam"}
    profile: dict[str, Json] = {"InstanceProfileName": "profile"}
    credential: dict[str, Json] = {"ServiceSpecificCredentialId": "ACCAEXAMPLE123EXAMPLE"}
    ssh: dict[str, Json] = {"SSHPublicKeyId": "APKAEXAMPLE123EXAMPLE"}
    certificate: dict[str, Json] = {"CertificateId": "TA7SMP42TDN5Z26OBPJE7EXAMPLE"}
    off: dict[str, Json] = {"Status": "Inactive"}
    bound: dict[str, Json] = {"PermissionsBoundary": POLICY}
    iam: dict[str, dict[str, Json]] = {
        "CreateAccessKey": to_user,
        "DeleteServerCertificate": {"ServerCertificateName": "www"},
        "UpdateAccessKey": {**to_user, "AccessKeyId": KEY, **off},
        "DeleteAccessKey": {**to_user, "AccessKeyId": KEY},
        "DeleteLoginProfile": to_user,
        "DeactivateMFADevice": {**to_user, **serial},
        "DeleteVirtualMFADevice": serial,
        "UpdateServiceSpecificCredential": {**to_user, **credential, **off},
        "DeleteServiceSpecificCredential": {**to_user, **credential},
        "UpdateSSHPublicKey": {**to_user, **ssh, **off},
        "DeleteSSHPublicKey": {**to_user, **ssh},
        "UpdateSigningCertificate": {**to_user, **certificate, **off},
        "DeleteSigningCertificate": {**to_user, **certificate},
        "AddUserToGroup": {**to_user, **to_group},
        "RemoveUserFromGroup": {**to_user, **to_group},
        "CreateGroup": to_group,
        "DeleteGroup": to_group,
        "DeleteUser": to_user,
        "CreateRole": {**to_role, "AssumeRolePolicyDocument": DOCUMENT},
        "DeleteRole": to_role,
        "UpdateAssumeRolePolicy": {**to_role, "PolicyDocument": DOCUMENT},
        "AddRoleToInstanceProfile": {**to_role, **profile},
        "RemoveRoleFromInstanceProfile": {**to_role, **profile},
        "CreateInstanceProfile": profile,
        "DeleteInstanceProfile": profile,
        "AttachUserPolicy": {**to_user, **managed},
        "AttachGroupPolicy": {**to_group, **managed},
        "AttachRolePolicy": {**to_role, **managed},
        "DetachUserPolicy": {**to_user, **managed},
        "DetachGroupPolicy": {**to_group, **managed},
        "DetachRolePolicy": {**to_role, **managed},
        "PutUserPolicy": {**to_user, **put},
        "PutGroupPolicy": {**to_group, **put},
        "PutRolePolicy": {**to_role, **put},
        "DeleteUserPolicy": {**to_user, **inline},
        "DeleteGroupPolicy": {**to_group, **inline},
        "DeleteRolePolicy": {**to_role, **inline},
        "CreatePolicy": put,
        "DeletePolicy": managed,
        "CreatePolicyVersion": {**managed, "PolicyDocument": DOCUMENT, "SetAsDefault": True},
        "SetDefaultPolicyVersion": {**managed, "VersionId": "v1"},
        "DeletePolicyVersion": {**managed, "VersionId": "v1"},
        "PutUserPermissionsBoundary": {**to_user, **bound},
        "PutRolePermissionsBoundary": {**to_role, **bound},
        "DeleteUserPermissionsBoundary": to_user,
        "DeleteRolePermissionsBoundary": to_role,
        "UpdateAccountPasswordPolicy": {"MinimumPasswordLength": 14},
        "DeleteAccountPasswordPolicy": {},
        "TagUser": {**to_user, **tags},
        "UntagUser": {**to_user, **untag},
        "TagRole": {**to_role, **tags},
        "UntagRole": {**to_role, **untag},
        "TagPolicy": {**managed, **tags},
        "EnableOrganizationsRootCredentialsManagement": {},
        "EnableOrganizationsRootSessions": {},
        "DisableOrganizationsRootCredentialsManagement": {},
        "DisableOrganizationsRootSessions": {},
        "UntagPolicy": {**managed, **untag},
    }
    cloudtrail: dict[str, dict[str, Json]] = {
        "CreateTrail": {"Name": "trail", "S3BucketName": "bucket"},
        "UpdateTrail": {"Name": "trail", "IsMultiRegionTrail": True},
        "DeleteTrail": {"Name": "trail"},
        "StartLogging": {"Name": "trail"},
        "StopLogging": {"Name": "trail"},
        "PutEventSelectors": {"TrailName": "trail", "EventSelectors": []},
    }
    security: dict[str, Json] = {"AlternateContactType": "SECURITY"}
    account: dict[str, dict[str, Json]] = {
        "PutAlternateContact": {
            **security,
            "Name": "On call",
            "Title": "Team",
            "EmailAddress": "security@example.org",
            "PhoneNumber": "+49 40 5550100",
        },
        "DeleteAlternateContact": security,
    }
    secret: dict[str, Json] = {"SecretId": "locksmith/sam/access-key"}
    version = "locksmith-access-key-AKIAIOSFODNN7EXAMPLE"
    secretsmanager: dict[str, dict[str, Json]] = {
        "CreateSecret": {"Name": "locksmith/sam/access-key", "SecretString": "{}"},
        "DeleteSecret": {**secret, "ForceDeleteWithoutRecovery": True},
        "PutResourcePolicy": {**secret, "ResourcePolicy": DOCUMENT, "BlockPublicPolicy": True},
        "DeleteResourcePolicy": secret,
        "PutSecretValue": {**secret, "SecretString": "{}", "ClientRequestToken": version},
        "UpdateSecretVersionStage": {**secret, "VersionStage": "AWSCURRENT"},
    }
    return {
        **monitoring_samples(),
        **{
            f"secretsmanager:{name}": Call("secretsmanager", name, params, "us-east-1")
            for name, params in secretsmanager.items()
        },
        **{f"iam:{name}": Call("iam", name, params) for name, params in iam.items()},
        **{
            f"organizations:{name}AWSServiceAccess": Call(
                "organizations",
                f"{name}AWSServiceAccess",
                {"ServicePrincipal": "iam.amazonaws.com"},
            )
            for name in ("Enable", "Disable")
        },
        **{f"account:{name}": Call("account", name, params) for name, params in account.items()},
        **{
            f"cloudtrail:{name}": Call("cloudtrail", name, params, "us-east-1")
            for name, params in cloudtrail.items()
        },
    }
