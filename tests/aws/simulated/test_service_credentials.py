"""Service-specific credentials can be listed for all users, made, switched off and deleted."""

from datetime import timedelta

from bot.aws.simulated import AccountBuilder
from tests.aws.simulated.conftest import NOW
from tests.aws.simulated.refusals import refused

GIT = "codecommit.amazonaws.com"


def test_all_users_and_one_user(account: AccountBuilder) -> None:
    """AllUsers lists everyone's, UserName one person's, ServiceName one service's."""
    for name in ("alice", "bob"):
        account.user(name)
        account.service_credential(name)
    account.service_credential("bob", "bedrock.amazonaws.com", expires=account.ago(days=-30))
    iam = account.client()
    listed = iam.list_service_specific_credentials
    assert len(listed(AllUsers=True)["ServiceSpecificCredentials"]) == 3
    assert len(listed(UserName="bob")["ServiceSpecificCredentials"]) == 2
    (one,) = listed(UserName="bob", ServiceName="bedrock.amazonaws.com")[
        "ServiceSpecificCredentials"
    ]
    assert one["ExpirationDate"] == NOW + timedelta(days=30)
    assert one["ServiceSpecificCredentialId"].startswith("ACCA")
    assert "ServicePassword" not in one
    with refused("NoSuchEntity", status=404):
        listed(UserName="nobody")


def test_life_of_a_credential(account: AccountBuilder) -> None:
    """Made with a secret shown once, switched off, deleted; two per service at most."""
    account.user("alice")
    iam = account.client()
    made = iam.create_service_specific_credential(UserName="alice", ServiceName=GIT)
    made = made["ServiceSpecificCredential"]
    assert made["ServicePassword"]
    iam.create_service_specific_credential(UserName="alice", ServiceName=GIT)
    with refused("LimitExceeded", status=409):
        iam.create_service_specific_credential(UserName="alice", ServiceName=GIT)
    which = {"ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}
    iam.update_service_specific_credential(UserName="alice", Status="Inactive", **which)
    shown = iam.list_service_specific_credentials(UserName="alice")["ServiceSpecificCredentials"]
    assert [item["Status"] for item in shown] == ["Inactive", "Active"]
    iam.delete_service_specific_credential(UserName="alice", **which)
    with refused("NoSuchEntity", status=404):
        iam.delete_service_specific_credential(UserName="alice", **which)
