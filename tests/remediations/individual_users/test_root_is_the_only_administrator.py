"""Somebody else than root administers, or people choose who is to, behind MFA."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.company import trust
from bot.model import Manual, Part, Plan, Protection, Risk
from bot.policy import PolicyDocumentError
from remediations.individual_users import root_is_the_only_administrator as control
from tests.remediations.acting import Acting, rights, stopped_by
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found

ADMIN = "AdministratorAccess"
OWNED = {"owner": "web@example.org"}
SETTINGS = {"administrators": ["ann", "bob"]}
FOREIGN = {"AWS": "arn:aws:iam::111122223333:root"}
SAML = {"Federated": "arn:aws:iam::123456789012:saml-provider/okta"}
OIDC = {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.example"}


def seed(account: AccountBuilder) -> None:
    """Two people with MFA, and nobody who administers."""
    for role in [role for role in account.iam.roles.values() if "SSO" in role.name]:
        del account.iam.roles[role.id]
    for name in ("ann", "bob"):
        account.user(name, created=account.ago(days=90), tags=OWNED, groups=["readers"])
        account.password(name, last_used=account.ago(days=2), changed=account.ago(days=9))
        account.mfa(name, kind="fido")


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account(NOW) as account:
        account.group("readers")
        yield account


def _user(account: AccountBuilder, **more: Any) -> None:
    account.user("eve", boundary=more.get("boundary"))
    account.attach(ADMIN, user="eve")
    if more.get("password"):
        account.password("eve")
    if "key" in more:
        account.key("eve", status=more["key"])


def _by_group(account: AccountBuilder) -> None:
    account.user("eve")
    account.password("eve")
    account.group("chiefs", members=["eve"], attached=[ADMIN])


def _inline_with_mfa(account: AccountBuilder) -> None:
    account.user("eve")
    account.password("eve")
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    mfa = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    document = {"Version": "2012-10-17", "Statement": [{**allowed, **mfa}]}
    account.inline("all", document, user="eve")


def _role(account: AccountBuilder, principal: Any, attached: str = ADMIN) -> None:
    account.role("chief", trust=trust(principal), attached=[attached])


Build = Callable[[AccountBuilder], None]


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        pytest.param(lambda _: None, True, id="nobody"),
        pytest.param(lambda a: _user(a, password=True), False, id="a user with a password"),
        pytest.param(lambda a: _user(a, key="Active"), False, id="a user with a key"),
        pytest.param(lambda a: _user(a, key="Inactive"), True, id="a user whose key is off"),
        pytest.param(lambda a: _user(a), True, id="a user who can't get in"),
        pytest.param(
            lambda a: _user(a, password=True, boundary="ReadOnlyAccess"), True, id="bounded"
        ),
        pytest.param(_by_group, False, id="by a group"),
        pytest.param(_inline_with_mfa, False, id="with MFA only"),
        pytest.param(lambda a: _role(a, FOREIGN), False, id="a role for another account"),
        pytest.param(lambda a: _role(a, SAML), False, id="a role for a SAML provider"),
        pytest.param(lambda a: _role(a, OIDC), True, id="a role for a pipeline"),
        pytest.param(
            lambda a: _role(a, {"Service": "ec2.amazonaws.com"}), True, id="a role for a service"
        ),
        pytest.param(lambda a: _role(a, FOREIGN, "ReadOnlyAccess"), True, id="a role that reads"),
        pytest.param(
            lambda a: a.identity_center_role(ADMIN) and None, False, id="Identity Center's"
        ),
    ],
)
def test_who_administers(account: AccountBuilder, build: Build, expected: bool) -> None:
    """Whoever gets in and has all rights, if only with MFA."""
    build(account)
    assert bool(found(control, look(account))) is expected


def test_own_role_is_not_somebody_else_and_break_glass_is(account: AccountBuilder) -> None:
    _user(account, password=True)
    arn = "arn:aws:iam::123456789012:user/eve"
    assert found(control, look(account, Protection(own=(arn,))))
    assert not found(control, look(account, Protection(break_glass=(arn,))))


def test_without_a_password_root_administers_nothing(account: AccountBuilder) -> None:
    account.root(password=False)
    assert not found(control, look(account))


def test_a_policy_that_was_not_read_is_not_guessed(account: AccountBuilder) -> None:
    """The control is not evaluated then: the engine says why."""
    _user(account, password=True)
    snapshot = look(account)
    blind = replace(snapshot, parts={**snapshot.parts, Part.AWS_POLICIES: ()})
    with pytest.raises(PolicyDocumentError, match="AdministratorAccess"):
        found(control, blind)


def _fix(account: AccountBuilder, *names: str) -> Plan | Manual:
    snapshot = look(account)
    (finding,) = found(control, snapshot)
    settings = control.CONTROL.settings(administrators=names)
    return control.plan(finding, snapshot, settings)


def test_those_who_were_chosen_are_appointed(account: AccountBuilder) -> None:
    """By a group that allows everything with MFA only; undone, all is as it was."""
    seed(account)
    before = rights(account)
    fix = _fix(account, "ann", "bob", "ann")
    assert isinstance(fix, Plan)
    assert [step.name for step in fix.steps] == ["create-group", "grant", "join-1", "join-2"]
    assert fix.risk is Risk.REVERSIBLE
    assert control.CONTROL.adds_rights
    acting = Acting(account, fix)

    acting.apply()

    after = look(account)
    group = after.groups_by_name["administrators"]
    assert group.path == "/locksmith/"
    (statement,) = json.loads(group.inline[0].text)["Statement"]
    assert statement["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert not found(control, after)
    acting.undo()
    assert rights(account) == before


@pytest.mark.parametrize(
    ("names", "why"),
    [
        pytest.param((), "people must say", id="nobody was chosen"),
        pytest.param(("ann", "carl"), "carl is no user", id="a name that isn't there"),
        pytest.param(("ann", "dora"), "dora has no MFA device", id="somebody without MFA"),
    ],
)
def test_until_people_have_chosen(
    account: AccountBuilder, names: tuple[str, ...], why: str
) -> None:
    """Locksmith never chooses an administrator, and takes none without MFA."""
    seed(account)
    account.user("dora")
    account.password("dora")
    fix = _fix(account, *names)
    assert isinstance(fix, Manual)
    assert why in fix.reason


@pytest.mark.parametrize("name", ["administrators", "Administrators"])
def test_a_group_of_that_name_is_not_filled(account: AccountBuilder, name: str) -> None:
    """What is in it nobody has looked at."""
    seed(account)
    account.group(name)
    fix = _fix(account, "ann")
    assert isinstance(fix, Manual)
    assert "already" in fix.reason


@pytest.mark.parametrize(("memberships", "is_plan"), [(8, True), (9, True), (10, False)])
def test_groups_per_user(account: AccountBuilder, memberships: int, is_plan: bool) -> None:
    seed(account)
    for number in range(memberships - 1):
        account.group(f"g{number}", members=["ann"])
    assert isinstance(_fix(account, "ann"), Plan if is_plan else Manual)


@pytest.mark.parametrize(
    ("until", "meddle", "why"),
    [
        pytest.param(
            "join-1",
            lambda account: account.iam.users["ann"].mfa_devices.clear(),
            "ann has no MFA device any more",
            id="the device is gone",
        ),
        pytest.param(
            "grant",
            lambda account: account.member("bob", "administrators"),
            "somebody is in administrators",
            id="somebody slipped in",
        ),
        pytest.param(
            "join-1",
            lambda account: account.inline(
                "administration-with-mfa", {"Version": "2012-10-17", "Statement": []},
                group="administrators",
            ),
            "the document of administration-with-mfa of administrators is another one",
            id="the group grants something else",
        ),
    ],
)  # fmt: skip
def test_the_world_changes_meanwhile(
    account: AccountBuilder, until: str, meddle: Any, why: str
) -> None:
    seed(account)
    fix = _fix(account, "ann")
    assert isinstance(fix, Plan)
    assert why in stopped_by(account, fix, until, lambda: meddle(account))
