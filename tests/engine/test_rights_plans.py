"""Plans on rights, carried out and undone by the real executor and judged by its guard."""

import json
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.owner_claims import OwnerRules, untold_owners
from bot.engine.owner_mapping import MappedOwner
from bot.errors import StaleError
from bot.model import FindingStatus, OwnerSource, ProposalState
from bot.store import handovers
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import ALICE, house
from tests.remediations.acting import rights
from tests.remediations.delegation import test_wildcard_trust_policy as trust
from tests.remediations.groups import test_duplicate_groups as duplicates
from tests.remediations.groups import test_inline_policy_on_user as inline
from tests.remediations.groups import test_policy_attached_to_user as attached
from tests.remediations.groups import test_same_direct_policies_on_several_users as same
from tests.remediations.individual_users import test_shared_user as shared
from tests.remediations.individual_users import test_user_without_owner as owner
from tests.remediations.least_privilege import test_full_admin_policy as admin

Seed = Callable[[AccountBuilder], object]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountBuilder]:
    """Two real administrators, so that the guard lets others be narrowed."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_account(NOON) as builder:
        builder.identity_center_role("AdministratorAccess")
        builder.identity_center_role("BreakGlass", attached=["AdministratorAccess"])
        yield builder


def _managed(account: AccountBuilder) -> None:
    account.role("deploy")
    account.attach(account.policy("deploy-all", admin.everything()), role="deploy")


def _of_aws(account: AccountBuilder) -> None:
    account.user("contractor")
    account.attach("AdministratorAccess", user="contractor")


def _in_group(account: AccountBuilder) -> None:
    account.user("bob")
    account.group("everyone", members=["bob"])
    account.inline("all", admin.everything(), group="everyone")


def _address(account: AccountBuilder) -> None:
    account.group("readers")
    owner.seed(account)


def _shared_user(account: AccountBuilder) -> None:
    account.group("readers")
    shared.seed(account)


def _shared_group(account: AccountBuilder) -> None:
    account.user("bob")
    account.group("readers", members=["bob"], attached=[attached.READ])
    account.user("alice")
    account.attach(attached.READ, user="alice")


@pytest.mark.parametrize(
    ("control", "seed"),
    [
        pytest.param("policy-attached-to-user", attached.seed, id="attached, new group"),
        pytest.param("policy-attached-to-user", _shared_group, id="attached, shared group"),
        pytest.param("inline-policy-on-user", inline.seed, id="inline"),
        pytest.param("full-admin-policy", _managed, id="managed policy"),
        pytest.param("full-admin-policy", _of_aws, id="policy of AWS"),
        pytest.param("full-admin-policy", _in_group, id="inline in a group"),
        pytest.param("wildcard-trust-policy", trust.seed, id="trust"),
        pytest.param("duplicate-groups", duplicates.seed, id="members of one group to another"),
        pytest.param("same-direct-policies-on-several-users", same.seed, id="several at once"),
        pytest.param("user-without-owner", _address, id="an owner's tag"),
        pytest.param("shared-user", _shared_user, id="joins and a fence"),
    ],
)
def test_there_and_back(
    account: AccountBuilder, clock: StandingClock, sqlite_store: Store, control: str, seed: Seed
) -> None:
    """Approved, applied and verified, the finding is gone; undone, the account is as it was."""
    seed(account)
    before = rights(account)
    with house(account, sqlite_store, clock, only=(control,)) as home:
        view = home.only(control)
        home.live()
        done = home.fix(view)

        assert done.state is ProposalState.DONE, done.why
        assert rights(account) != before
        assert all(one.record.status is FindingStatus.RESOLVED for one in home.scan().findings)

        undo = home.service.undo(done.id, ALICE)
        home.service.approve(undo.proposal.id, undo.proposal.digest, ALICE)
        undone = home.apply(undo.proposal.id)

        assert undone.state is ProposalState.DONE, undone.why
        assert rights(account) == before


def test_what_one_question_covers_is_not_asked_again(
    account: AccountBuilder, clock: StandingClock, sqlite_store: Store
) -> None:
    """Six findings on three users are settled by one plan; a fourth user is asked about alone."""
    same.seed(account)
    account.user("dora")
    account.attach("AmazonEC2ReadOnlyAccess", user="dora")
    one = "same-direct-policies-on-several-users"
    others = ("inline-policy-on-user", "policy-attached-to-user")
    with house(account, sqlite_store, clock, only=(one, *others)) as home:
        views = home.scan().findings
        asked = [view.record.finding for view in views if view.proposal]
        elsewhere = [view.asks_elsewhere for view in views if not view.proposal]
        home.live()
        home.fix(home.only(one))
        left = [view for view in home.scan().findings if view.record.status is FindingStatus.OPEN]

    assert sorted(each.control for each in asked) == ["policy-attached-to-user", one]
    assert elsewhere == [one] * 6
    assert [view.record.finding.resource.name for view in left] == ["dora"]


def test_an_owner_whom_no_tag_names_is_proposed(
    account: AccountBuilder, clock: StandingClock, sqlite_store: Store
) -> None:
    """Somebody's word and the mapping file are known when plans are made; tags win over them."""
    for name in ("ci", "web"):
        account.user(name, created=account.ago(days=40))
    account.user("tagged", created=account.ago(days=40), tags={"owner": "U0TAG"})
    web, mapped = "AIDAWEB", MappedOwner(match="*:user/ci", owner="ci@example.org")
    account.iam.users["web"].id = web
    rules = OwnerRules(tuple(OwnerSource), ("owner",), {}, {}, "U0DEFAULT", (mapped,))
    only = ("user-without-owner",)
    with house(
        account, sqlite_store, clock, only=only, owners_in=partial(untold_owners, rules)
    ) as home:
        home.scan()
        with sqlite_store.write() as tx:
            handovers.hand_over(tx, home.connection.account, web, "U0WEB", ALICE, trusted=True)
        plans = [view.proposal.plan for view in home.scan().findings if view.proposal]

    assert sorted(plan.summary for plan in plans) == [
        "Tag ci with its owner ci@example.org", "Tag web with its owner U0WEB",
    ]  # fmt: skip


def _another_contractor(account: AccountBuilder) -> None:
    """The user is let go, and a new one gets the name and what the fix left to the old one."""
    client = account.client()
    named = {"UserName": "contractor"}
    held = client.list_attached_user_policies(**named)["AttachedPolicies"]
    for policy in held:
        client.detach_user_policy(**named, PolicyArn=policy["PolicyArn"])
    client.delete_user(**named)
    client.create_user(**named)
    for policy in held:
        client.attach_user_policy(**named, PolicyArn=policy["PolicyArn"])


def _another_alice(account: AccountBuilder) -> None:
    client = account.client()
    groups = client.list_groups_for_user(UserName="alice")["Groups"]
    for group in groups:
        client.remove_user_from_group(UserName="alice", GroupName=group["GroupName"])
    client.delete_user(UserName="alice")
    client.create_user(UserName="alice")
    for group in groups:
        client.add_user_to_group(UserName="alice", GroupName=group["GroupName"])


def _another_role(account: AccountBuilder) -> None:
    client = account.client()
    (role,) = (one for one in client.list_roles()["Roles"] if one["Path"] == "/")
    trusted = json.dumps(role["AssumeRolePolicyDocument"])
    client.delete_role(RoleName=role["RoleName"])
    client.create_role(RoleName=role["RoleName"], AssumeRolePolicyDocument=trusted)


@pytest.mark.parametrize(
    ("control", "seed", "replaced", "said"),
    [
        pytest.param(
            "full-admin-policy",
            _of_aws,
            _another_contractor,
            "contractor is another user now",
            id="AdministratorAccess for a namesake",
        ),
        pytest.param(
            "policy-attached-to-user",
            attached.seed,
            _another_alice,
            "alice is another user now",
            id="a namesake in the new group",
        ),
        pytest.param(
            "wildcard-trust-policy",
            trust.seed,
            _another_role,
            "is another role now",
            id="a role made anew",
        ),
    ],
)
def test_a_namesake_gets_nothing_back(
    account: AccountBuilder,
    clock: StandingClock,
    sqlite_store: Store,
    control: str,
    seed: Seed,
    replaced: Seed,
    said: str,
) -> None:
    """Whoever has the name by now never had the rights that an undo gives back."""
    seed(account)
    with house(account, sqlite_store, clock, only=(control,)) as home:
        view = home.only(control)
        home.live()
        done = home.fix(view)
        assert done.state is ProposalState.DONE, done.why
        undo = home.service.undo(done.id, ALICE)
        home.service.approve(undo.proposal.id, undo.proposal.digest, ALICE)
        replaced(account)
        before = rights(account)

        with pytest.raises(StaleError, match=said):
            home.apply(undo.proposal.id)

        assert home.service.proposal(undo.proposal.id).proposal.state is ProposalState.STALE
        assert rights(account) == before
