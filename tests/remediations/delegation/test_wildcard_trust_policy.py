"""Trust policies that let outsiders in are closed as narrowly as the configuration knows how."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, MemberAccount, OrganizationAccounts, Protection, Risk, Severity
from remediations.delegation import wildcard_trust_policy as control
from remediations.delegation._trust_reads import trust_is
from tests.remediations.acting import Acting, apply_and_undo, snapshot_of, stopped_by
from tests.remediations.delegation.trusts import (
    HOSTILE_ROLE,
    ORG,
    OWN,
    PARTNER,
    PARTNER_ROOT,
    VENDOR,
    VENDOR_ROOT,
    fixed,
    found_by,
    planned_by,
    trust,
    trust_of,
    trusting,
    when,
)


def seed(account: AccountBuilder) -> None:
    """A role that anyone may assume."""
    account.role("open", trust=trust(trusting({"AWS": "*"})))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


found = partial(found_by, control.CONTROL)
planned = partial(planned_by, control.CONTROL)


def test_seed_is_fixed_and_undone_exactly(account: AccountBuilder) -> None:
    """`*` becomes the own account, whose own policies then decide; undone, `*` is back."""
    seed(account)
    fix = fixed(planned(account))
    assert fix.risk is Risk.DISRUPTIVE
    assert any("outside this account" in line for line in fix.breaks)
    assert any("Sessions that were issued before stay open" in line for line in fix.breaks)

    for _ in apply_and_undo(account, fix):
        assert not found(account)
        assert trust_of(account) == [trusting({"AWS": [OWN]})]


@pytest.mark.parametrize(
    ("statement", "severity"),
    [
        pytest.param(trusting("*"), Severity.CRITICAL, id="star"),
        pytest.param(trusting({"AWS": "*"}), Severity.CRITICAL, id="AWS star"),
        pytest.param(trusting({"AWS": [OWN, "*"]}), Severity.CRITICAL, id="star in a list"),
        pytest.param(
            trusting(None, NotPrincipal={"AWS": OWN}), Severity.CRITICAL, id="NotPrincipal"
        ),
        pytest.param(trusting("*", Action="sts:*"), Severity.CRITICAL, id="all of STS"),
        pytest.param(trusting("*", Action="STS:assumerole"), Severity.CRITICAL, id="case"),
        pytest.param(trusting({"AWS": VENDOR_ROOT}), Severity.HIGH, id="foreign root"),
        pytest.param(trusting({"AWS": VENDOR}), Severity.HIGH, id="foreign account id"),
        pytest.param(
            trusting({"AWS": f"arn:aws:iam::{VENDOR}:role/ci"}), Severity.MEDIUM, id="foreign role"
        ),
        pytest.param(
            trusting({"AWS": VENDOR_ROOT}, Condition=when("sts:ExternalId", "x1")), None, id="id"
        ),
        pytest.param(trusting("*", Condition=when("aws:PrincipalOrgID", ORG)), None, id="org"),
        pytest.param(
            trusting("*", Condition=when("aws:PrincipalOrgID", "o-*", "StringLike")),
            Severity.CRITICAL,
            id="any organization",
        ),
        pytest.param(
            trusting("*", Condition=when("aws:MultiFactorAuthPresent", "true", "Bool")),
            Severity.CRITICAL,
            id="MFA names nobody",
        ),
        pytest.param(
            trusting(
                {"AWS": VENDOR_ROOT}, Condition=when("sts:ExternalId", "x", "StringNotEquals")
            ),
            Severity.HIGH,
            id="everyone but that id",
        ),
        pytest.param(
            trusting(
                {"AWS": VENDOR_ROOT},
                Condition=when("sts:ExternalId", "x", "StringEqualsIfExists"),
            ),
            Severity.HIGH,
            id="the id if any",
        ),
        pytest.param(trusting({"AWS": OWN}), None, id="own account"),
        pytest.param(trusting({"Service": "ec2.amazonaws.com"}), None, id="a service"),
        pytest.param(trusting("*", Effect="Deny"), None, id="a Deny"),
        pytest.param(trusting("*", Action="sts:TagSession"), None, id="no way to assume"),
    ],
)
def test_what_is_open(
    account: AccountBuilder, statement: dict[str, Any], severity: Severity | None
) -> None:
    """Anyone is critical, a whole account high, one identity of it medium."""
    account.role("r", trust=trust(statement))

    assert [one.severity for one in found(account)] == ([severity] if severity else [])


def test_the_worst_of_several_decides(account: AccountBuilder) -> None:
    """One finding per role, with the severity of the widest opening and all in evidence."""
    account.role("r", trust=trust(trusting({"AWS": VENDOR_ROOT}), trusting("*", Sid="All")))

    (one,) = found(account)

    assert one.severity is Severity.CRITICAL
    assert one.subject == f"{one.resource.unique_id}/trust"
    assert one.evidence["open_to"] == [f"{VENDOR_ROOT} (statement 1)", "* (statement 'All')"]
    assert one.evidence["accounts"] == [VENDOR]


def test_roles_that_only_aws_changes_are_left_out(account: AccountBuilder) -> None:
    """By their path and name; a break-glass role that anyone may assume is reported."""
    opened = trust(trusting("*"))
    account.role("AWSServiceRoleForX", path="/aws-service-role/x.amazonaws.com/", trust=opened)
    account.role("AWSReservedSSO_x", path="/aws-reserved/sso.amazonaws.com/", trust=opened)
    account.role("OrganizationAccountAccessRole", trust=opened)
    account.role("breakglass", trust=opened)
    snapshot = snapshot_of(account, Protection(break_glass=("*:role/breakglass",)))

    seen = list(control.detect(snapshot, control.CONTROL.settings()))

    assert [one.resource.name for one in seen] == ["breakglass"]


def test_accounts_of_ones_own_are_no_finding(account: AccountBuilder) -> None:
    """Another account of one's own needs no condition, nor does an active one of the organization.

    A vendor does, known or not.
    """
    account.role("r", trust=trust(trusting({"AWS": VENDOR_ROOT})))

    assert found(account)
    assert not found(account, own=[VENDOR])
    assert found(account, vendors={VENDOR: "Acme"})
    member = MemberAccount(VENDOR, "sister", "ACTIVE")
    assert not found(account, OrganizationAccounts(ORG, PARTNER, (member,)))
    closed = OrganizationAccounts(ORG, PARTNER, (replace(member, state="PENDING_CLOSURE"),))
    (one,) = found(account, closed)
    assert one.evidence["organization"] == f"{ORG}: {VENDOR} is PENDING_CLOSURE"
    (unsure,) = found(account, OrganizationAccounts(ORG, PARTNER, None, "not told"))
    assert unsure.evidence["organization"] == "its accounts could not be read: not told"


@pytest.mark.parametrize(
    ("statements", "known", "expected"),
    [
        pytest.param(
            [trusting("*")],
            {"organization_id": ORG},
            [trusting("*", Condition=when("aws:PrincipalOrgID", ORG))],
            id="anyone of the organization",
        ),
        pytest.param(
            [trusting({"AWS": VENDOR_ROOT})],
            {"settings": {"external_ids": {VENDOR: "abc-1"}}},
            [trusting({"AWS": VENDOR_ROOT}, Condition=when("sts:ExternalId", "abc-1"))],
            id="external id",
        ),
        pytest.param(
            [trusting({"AWS": VENDOR_ROOT})],
            {"organization_id": ORG},
            [trusting({"AWS": VENDOR_ROOT}, Condition=when("aws:PrincipalOrgID", ORG))],
            id="foreign account of the organization",
        ),
        pytest.param(
            [trusting({"AWS": VENDOR_ROOT})],
            {"organization_id": ORG, "settings": {"external_ids": {VENDOR: "abc-1"}}},
            [trusting({"AWS": VENDOR_ROOT}, Condition=when("sts:ExternalId", "abc-1"))],
            id="an agreed id goes first",
        ),
        pytest.param(
            [trusting({"AWS": VENDOR_ROOT}), trusting({"AWS": PARTNER_ROOT})],
            {"settings": {"external_ids": {VENDOR: "abc-1", PARTNER: "xyz-2"}}},
            [
                trusting({"AWS": VENDOR_ROOT}, Condition=when("sts:ExternalId", "abc-1")),
                trusting({"AWS": PARTNER_ROOT}, Condition=when("sts:ExternalId", "xyz-2")),
            ],
            id="each account its own id",
        ),
        pytest.param(
            [trusting("*", Sid="A"), trusting({"AWS": VENDOR_ROOT}, Sid="B")],
            {"settings": {"external_ids": {VENDOR: "abc-1"}}},
            [
                trusting({"AWS": OWN}, Sid="A"),
                trusting({"AWS": VENDOR_ROOT}, Sid="B", Condition=when("sts:ExternalId", "abc-1")),
            ],
            id="anyone and an account",
        ),
        pytest.param(
            [trusting("*", Condition=when("aws:SecureTransport", "true", "Bool"))],
            {},
            [trusting({"AWS": OWN}, Condition=when("aws:SecureTransport", "true", "Bool"))],
            id="a condition that narrows nothing is kept",
        ),
        pytest.param(
            [trusting({"Service": "ec2.amazonaws.com"}), trusting("*")],
            {},
            [trusting({"Service": "ec2.amazonaws.com"}), trusting({"AWS": OWN})],
            id="other statements stay",
        ),
    ],
)
def test_how_it_is_closed(
    account: AccountBuilder,
    statements: list[dict[str, Any]],
    known: dict[str, Any],
    expected: list[dict[str, Any]],
) -> None:
    """What is known narrows; the finding clears and the old document comes back exactly."""
    account.role("r", trust=trust(*statements))
    fix = fixed(planned(account, **known))

    for _ in apply_and_undo(account, fix):
        assert not found(account, **known)
        assert _listed(trust_of(account)) == _listed(expected)


def _listed(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Condition values as lists, as either spelling means the same."""
    return json.loads(
        json.dumps(statements),
        object_hook=lambda item: {
            key: [value] if ":" in key and isinstance(value, str) else value
            for key, value in item.items()
        },
    )


def test_two_accounts_in_one_statement_get_their_own_ids(account: AccountBuilder) -> None:
    """One statement for both would let each in with the other's id."""
    account.role("r", trust=trust(trusting({"AWS": [VENDOR_ROOT, PARTNER_ROOT]})))
    ids = {VENDOR: "abc-1", PARTNER: "xyz-2"}

    for _ in apply_and_undo(account, fixed(planned(account, settings={"external_ids": ids}))):
        by_id = {
            json.dumps(one["Condition"]["StringEquals"]["sts:ExternalId"]): one["Principal"]["AWS"]
            for one in trust_of(account)
        }
        assert by_id == {'["abc-1"]': [VENDOR_ROOT], '["xyz-2"]': [PARTNER_ROOT]}


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        pytest.param(
            trusting({"AWS": VENDOR_ROOT}),
            f"no external id is agreed on with account {VENDOR}",
            id="an account nobody agreed with",
        ),
        pytest.param(
            trusting(None, NotPrincipal={"AWS": OWN}), "a person must say who", id="NotPrincipal"
        ),
        pytest.param(
            trusting({"AWS": ["*", "AROAEXAMPLEEXAMPLE123"]}),
            "identities that were deleted",
            id="a deleted role, so that undo could not write it back",
        ),
        pytest.param(
            trusting("*", Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": 0.5}}),
            "can't be compared exactly",
            id="a fraction",
        ),
    ],
)
def test_what_is_left_to_people(
    account: AccountBuilder, statement: dict[str, Any], reason: str
) -> None:
    """A reason, and steps that a person can follow; nothing is written."""
    account.role("r", trust=trust(statement))

    fix = planned(account)

    assert isinstance(fix, Manual)
    assert reason in fix.reason
    assert "aws cloudtrail lookup-events" in fix.steps[0]


def test_the_letter_to_a_third_party(account: AccountBuilder) -> None:
    """It suggests an id that is the same every time, and another one for another account."""
    both = {"AWS": [VENDOR_ROOT, PARTNER_ROOT]}
    account.role("r", trust=trust(trusting(both)))
    first, again = planned(account), planned(account)
    assert isinstance(first, Manual)
    assert isinstance(again, Manual)

    letters = [step for step in first.steps if "ExternalId" in step]

    assert len(set(letters)) == 2
    assert first.digest() == again.digest()


@pytest.mark.parametrize(("room", "manual"), [(0, False), (-1, True)])
def test_size_of_a_trust_policy(account: AccountBuilder, room: int, manual: bool) -> None:
    """The closed document must still fit into what AWS allows."""
    seed(account)
    text = str(fixed(planned(account)).steps[0].do.params["PolicyDocument"])
    account.quota("AssumeRolePolicySizeQuota", len("".join(text.split())) + room)

    assert isinstance(planned(account), Manual) is manual


def _edited(account: AccountBuilder) -> None:
    document = json.dumps(trust(trusting("*", Sid="Edited")))
    account.client().update_assume_role_policy(RoleName="open", PolicyDocument=document)


def _made_anew(account: AccountBuilder) -> None:
    account.iam.get_role("open").id = "AROAANOTHER"


@pytest.mark.parametrize(
    ("meddle", "why"),
    [
        (_edited, "the trust policy of open is another one"),
        (_made_anew, "open is another role now"),
    ],
)
def test_a_changed_world_stops_the_plan(
    account: AccountBuilder, meddle: Callable[[AccountBuilder], None], why: str
) -> None:
    """Whoever edited the trust policy since must not be overwritten."""
    seed(account)
    fix = fixed(planned(account))

    assert stopped_by(account, fix, "close-trust", lambda: meddle(account)) == [why]


@pytest.mark.parametrize(
    ("statement", "same"),
    [
        pytest.param(trusting({"AWS": [PARTNER_ROOT, VENDOR_ROOT]}), True, id="as it was"),
        pytest.param(trusting({"AWS": [VENDOR_ROOT, PARTNER_ROOT]}), True, id="another order"),
        pytest.param(trusting({"AWS": [VENDOR_ROOT]}), False, id="one fewer"),
        pytest.param(trusting({"AWS": VENDOR_ROOT}), False, id="one fewer, no list"),
        pytest.param(trusting({"AWS": [OWN, VENDOR_ROOT]}), False, id="another one"),
        pytest.param(trusting("*"), False, id="a star"),
        pytest.param(
            trusting(None, NotPrincipal={"AWS": [PARTNER_ROOT, VENDOR_ROOT]}), False, id="Not"
        ),
        pytest.param(
            trusting({"AWS": [PARTNER_ROOT, VENDOR_ROOT], "Service": "ec2.amazonaws.com"}),
            False,
            id="a service more",
        ),
        pytest.param(
            trusting({"AWS": [PARTNER_ROOT, VENDOR_ROOT]}, Effect="Deny"), False, id="a Deny"
        ),
        pytest.param(
            trusting({"AWS": [PARTNER_ROOT, VENDOR_ROOT]}, Condition=when("aws:SourceIp", "x")),
            False,
            id="a condition",
        ),
    ],
)
def test_documents_are_compared_as_aws_gives_them_back(
    account: AccountBuilder, statement: dict[str, Any], same: bool
) -> None:
    """AWS keeps principals in its own order; any other difference is one."""
    account.role("r", trust=trust(statement))
    (role,) = snapshot_of(account).roles
    wanted = trust_is(role, trust(trusting({"AWS": [PARTNER_ROOT, VENDOR_ROOT]})))

    assert (Acting(account).broken((wanted,)) == []) is same


@pytest.mark.parametrize("one", [VENDOR_ROOT, [VENDOR_ROOT]])
@pytest.mark.parametrize("other", [VENDOR_ROOT, [VENDOR_ROOT]])
def test_a_list_of_one_is_that_one(account: AccountBuilder, one: Any, other: Any) -> None:
    """AWS gives a single principal back without the list that it was sent in."""
    account.role("r", trust=trust(trusting({"AWS": one})))
    (role,) = snapshot_of(account).roles
    wanted = trust_is(role, trust(trusting({"AWS": other})))

    assert Acting(account).broken((wanted,)) == []


def test_names_with_every_character(account: AccountBuilder) -> None:
    """Role names may hold `@`, `+`, `=` and commas."""
    account.role(HOSTILE_ROLE, trust=trust(trusting("*")))

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert not found(account)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"external_ids": {VENDOR: "x"}}, id="an external id too short"),
        pytest.param({"external_ids": {VENDOR: "a*b"}}, id="a wildcard"),
        pytest.param({"external_ids": {"acme": "abc"}}, id="no account id"),
    ],
)
def test_settings_that_would_not_narrow(settings: dict[str, Any]) -> None:
    """A slip in the configuration is an error, never a wide condition."""
    with pytest.raises(ValidationError):
        control.WildcardTrustPolicySettings(**settings)
