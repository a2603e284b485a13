"""Trust policies: open to anyone, to foreign accounts, or narrowed."""

from typing import Any

import pytest
from hypothesis import given

from bot.policy.document import parse_document
from bot.policy.trust import (
    Openness,
    deleted_principals,
    foreign_principals,
    open_principals,
)
from tests.policy.oracle import Caller, as_list, assumes
from tests.policy.trust_strategies import FOREIGN, OWN, PARTNER, strangers, trust_documents

ROOT = f"arn:aws:iam::{OWN}:root"
ANY = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
EXTERNAL_ID = {"StringEquals": {"sts:ExternalId": "agreed"}}


def trust(*statements: dict[str, Any]) -> Any:
    return parse_document({"Version": "2012-10-17", "Statement": list(statements)}, where="role r")


def found(*statements: dict[str, Any]) -> list[tuple[Openness, str, str]]:
    opened = open_principals(trust(*statements), OWN, trusted_accounts=(PARTNER,))
    return [(one.openness, one.principal, one.account) for one in opened]


def to(principal: Any, **changes: Any) -> dict[str, Any]:
    return ANY | {"Principal": principal} | changes


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        pytest.param("*", [(Openness.ANYONE, "*", "")], id="star"),
        pytest.param({"AWS": "*"}, [(Openness.ANYONE, "*", "")], id="AWS star"),
        pytest.param({"AWS": [ROOT, "*"]}, [(Openness.ANYONE, "*", "")], id="star in a list"),
        pytest.param(
            {"AWS": "arn:aws:iam::*:root"},
            [(Openness.ANYONE, "arn:aws:iam::*:root", "")],
            id="account wildcard",
        ),
        pytest.param({"AWS": FOREIGN}, [(Openness.FOREIGN_ACCOUNT, FOREIGN, FOREIGN)], id="id"),
        *(
            pytest.param(
                {"AWS": f"arn:{partition}:{rest}"},
                [(Openness.FOREIGN_ACCOUNT, f"arn:{partition}:{rest}", FOREIGN)],
                id=f"foreign {rest}",
            )
            for partition, rest in [
                ("aws", f"iam::{FOREIGN}:root"),
                ("aws-cn", f"iam::{FOREIGN}:user/x"),
                ("aws", f"iam::{FOREIGN}:role/path/x"),
                ("aws", f"sts::{FOREIGN}:assumed-role/x/session"),
            ]
        ),
        pytest.param({"AWS": ROOT}, [], id="own root"),
        pytest.param({"AWS": [OWN, f"arn:aws:iam::{OWN}:role/x"]}, [], id="own"),
        pytest.param({"AWS": f"arn:aws:iam::{PARTNER}:root"}, [], id="trusted account"),
        pytest.param({"Service": "ec2.amazonaws.com"}, [], id="service"),
        pytest.param({"Federated": "cognito-identity.amazonaws.com"}, [], id="federated"),
        pytest.param({"AWS": "AROAEXAMPLEEXAMPLE123"}, [], id="deleted"),
    ],
)
def test_open_principals_are_told_from_others(principal: Any, expected: Any) -> None:
    assert found(to(principal)) == expected


def test_not_principal_in_an_allow_is_open_to_the_rest() -> None:
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": ROOT}, "Action": "sts:*"}

    assert found(statement) == [(Openness.ANYONE, f"everyone but {ROOT}", "")]


def test_not_principal_everyone_in_an_allow_is_nobody() -> None:
    assert found({"Effect": "Allow", "NotPrincipal": {"AWS": "*"}, "Action": "sts:*"}) == []


@pytest.mark.parametrize(
    ("action", "is_open"),
    [
        ({"Action": "sts:AssumeRole"}, True),
        ({"Action": "STS:assumerole"}, True),
        ({"Action": "sts:*"}, True),
        ({"Action": "*"}, True),
        ({"Action": ["sts:TagSession", "sts:AssumeRole"]}, True),
        ({"Action": "sts:AssumeRoleWithWebIdentity"}, True),
        ({"NotAction": "sts:TagSession"}, True),
        ({"Action": "sts:TagSession"}, False),
        ({"NotAction": "sts:Assume*"}, False),
    ],
)
def test_only_assuming_counts(action: dict[str, Any], is_open: bool) -> None:
    statement = {"Effect": "Allow", "Principal": "*"} | action

    assert bool(found(statement)) is is_open


ORG = "aws:PrincipalOrgID"
CONDITIONS = {
    "external id": (EXTERNAL_ID, True),
    "external id in another case": ({"stringequals": {"STS:EXTERNALID": "x"}}, True),
    "external id, any": ({"StringLike": {"sts:ExternalId": "*"}}, False),
    "external id, any of some length": ({"StringLike": {"sts:ExternalId": "?*?"}}, False),
    "external id or any": ({"StringLike": {"sts:ExternalId": ["x", "*"]}}, False),
    "external id if there": ({"StringEqualsIfExists": {"sts:ExternalId": "x"}}, False),
    "external id of a variable": ({"StringEquals": {"sts:ExternalId": "${aws:userid}"}}, False),
    "some external id": ({"Null": {"sts:ExternalId": "false"}}, False),
    "no values": ({"StringEquals": {"sts:ExternalId": []}}, False),
    "ignoring case": ({"StringEqualsIgnoreCase": {"sts:ExternalId": "x"}}, True),
    "organisation": ({"StringEquals": {ORG: "o-abc"}}, True),
    "any organisation": ({"StringLike": {ORG: "o-*"}}, False),
    "not this organisation": ({"StringNotEquals": {ORG: "o-abc"}}, False),
    "all of no organisations": ({"ForAllValues:StringEquals": {ORG: "o-abc"}}, False),
    "organisation path": (
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/*"}},
        True,
    ),
    "any organisation path": ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*"}}, False),
    "account": ({"StringEquals": {"aws:PrincipalAccount": OWN}}, True),
    "accounts by prefix": ({"StringLike": {"aws:PrincipalAccount": "1111*"}}, False),
    "ARN": ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/x*"}}, True),
    "ARN in any account": ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}, False),
    "any ARN": ({"ArnLike": {"aws:PrincipalArn": "*"}}, False),
    "ARN by StringEquals": ({"StringEquals": {"aws:PrincipalArn": ROOT}}, True),
    "not this ARN": ({"ArnNotLike": {"aws:PrincipalArn": ROOT}}, False),
    "source account": ({"StringEquals": {"aws:SourceAccount": OWN}}, True),
    "source ARN": ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}}, True),
    "any source ARN": ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, False),
    "user id": ({"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}, True),
    "any user id": ({"StringLike": {"aws:userid": "*:session"}}, False),
    "MFA": ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, False),
    "network": ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
    "own tag": ({"StringEquals": {"aws:PrincipalTag/team": "x"}}, False),
    "one of two": (EXTERNAL_ID | {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, True),
    "second of two": ({"Bool": {"a": "true"}, "StringEquals": {ORG: "o-1"}}, True),
}


@pytest.mark.parametrize(("block", "narrow"), CONDITIONS.values(), ids=CONDITIONS.keys())
def test_only_conditions_that_name_callers_narrow(block: dict[str, Any], narrow: bool) -> None:
    assert bool(found(ANY | {"Condition": block})) is not narrow


def deny(condition: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    block = {"Condition": condition} if condition else {}
    return ANY | {"Effect": "Deny"} | block | changes


NOT_ORG = {"StringNotEquals": {ORG: "o-abc"}}
SPARE_SERVICES = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
DENIES = {
    "everyone": ([ANY, deny()], False),
    "other organisations": ([ANY, deny(NOT_ORG)], False),
    "if exists": ([ANY, deny({"StringNotEqualsIfExists": {ORG: "o-abc"}})], False),
    "but services": ([ANY, deny(NOT_ORG | SPARE_SERVICES)], False),
    "and something else": ([ANY, deny(NOT_ORG | {"Bool": {"aws:x": "true"}})], True),
    "services only": ([ANY, deny(SPARE_SERVICES)], True),
    "any organisation": ([ANY, deny({"StringNotLike": {ORG: "o-*"}})], True),
    "this organisation": ([ANY, deny({"StringEquals": {ORG: "o-abc"}})], True),
    "any value": ([ANY, deny({"ForAnyValue:StringNotEquals": {ORG: "o-abc"}})], True),
    "another action": ([ANY, deny(Action="sts:TagSession")], True),
    "one way of several": ([ANY | {"Action": "sts:*"}, deny(Action="sts:AssumeRole")], True),
    "every way": ([ANY | {"Action": "sts:*"}, deny(Action="sts:Assume*")], False),
    "a wildcard that AWS doesn't know": ([ANY, deny(Principal={"AWS": "arn:*"})], True),
    "one principal of all": ([ANY, deny(Principal={"AWS": FOREIGN})], True),
    "the foreign account": ([to({"AWS": FOREIGN}), deny(Principal={"AWS": FOREIGN})], False),
    "the foreign root": (
        [
            to({"AWS": f"arn:aws:iam::{FOREIGN}:role/x"}),
            deny(Principal={"AWS": f"arn:aws:iam::{FOREIGN}:root"}),
        ],
        False,
    ),
    "one foreign role": (
        [to({"AWS": FOREIGN}), deny(Principal={"AWS": f"arn:aws:iam::{FOREIGN}:role/x"})],
        True,
    ),
}


@pytest.mark.parametrize(("statements", "is_open"), DENIES.values(), ids=DENIES.keys())
def test_a_deny_that_turns_strangers_away_counts(
    statements: list[dict[str, Any]], is_open: bool
) -> None:
    assert bool(found(*statements)) is is_open


@pytest.mark.parametrize(
    ("spared", "is_open"), [(ROOT, False), (f"arn:aws:iam::{FOREIGN}:root", True)]
)
def test_a_deny_of_all_but_some_leaves_those(spared: str, is_open: bool) -> None:
    everyone_else = {"Effect": "Deny", "NotPrincipal": {"AWS": spared}, "Action": "sts:*"}

    assert bool(found(ANY, everyone_else)) is is_open


WAYS = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
OUTSIDERS = [
    Caller(arn=f"arn:aws:iam::{account}:{name}", account=account)
    for account in (FOREIGN, PARTNER, "888877776666")
    for name in ("root", "user/mallory", "role/other")
]


@given(trust_documents(), strangers())
def test_no_stranger_gets_in_unreported(content: dict[str, Any], stranger: Caller) -> None:
    """Open to all, or to an account that a condition names; there are controls on either."""
    document = parse_document(content, where="role r")
    trusted = (PARTNER,)

    if assumes(content, stranger):
        named = foreign_principals(document, OWN, trusted_accounts=trusted)
        assert open_principals(document, OWN, trusted_accounts=trusted) or stranger.account in {
            each.account for each in named
        }


@given(trust_documents(conditions=False))
def test_an_open_statement_without_conditions_lets_a_stranger_in(content: dict[str, Any]) -> None:
    """The other direction: what is reported without conditions is really open."""
    opened = open_principals(parse_document(content, where="role r"), OWN)
    statements = as_list(content["Statement"])
    denies = [one for one in statements if one["Effect"] == "Deny"]
    inverted = [one for one in statements if "NotPrincipal" in one]

    # Several such statements may leave nobody together; they are reported, on the safe side.
    if max(len(denies), len(inverted)) < 2 and any(
        one.openness is Openness.ANYONE for one in opened
    ):
        assert any(assumes(content, caller, way) for caller in OUTSIDERS for way in WAYS)


def test_deleted_principals_are_found_wherever_they_stand() -> None:
    document = trust(
        to({"AWS": ["AIDAEXAMPLEEXAMPLE123", ROOT]}),
        {"Effect": "Deny", "NotPrincipal": {"AWS": "AROAEXAMPLEEXAMPLE123"}, "Action": "*"},
        to({"Service": "AIDAEXAMPLEEXAMPLE123"}),
        to({"AWS": "AIDA"}),
    )

    assert deleted_principals(document) == ("AIDAEXAMPLEEXAMPLE123", "AROAEXAMPLEEXAMPLE123")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([to({"AWS": FOREIGN}, Condition=EXTERNAL_ID)], [FOREIGN], id="with an id"),
        pytest.param([to({"AWS": ROOT}), to({"AWS": PARTNER})], [], id="own"),
        pytest.param(
            [to("*", Condition={"StringEquals": {"aws:PrincipalAccount": [FOREIGN, OWN]}})],
            [FOREIGN],
            id="named by a condition",
        ),
        pytest.param(
            [
                to(
                    "*",
                    Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{FOREIGN}:role/*"}},
                )
            ],
            [FOREIGN],
            id="named by an ARN",
        ),
        pytest.param(
            [to("*", Condition={"StringLike": {"aws:PrincipalArn": "no-arn"}})], [], id="no ARN"
        ),
        pytest.param([to("*")], [], id="anyone is no account"),
        pytest.param(
            [to({"AWS": FOREIGN}), to({"AWS": FOREIGN}, Effect="Deny")], [], id="taken back"
        ),
    ],
)
def test_foreign_accounts_under_whatever_condition(
    statements: list[dict[str, Any]], expected: list[str]
) -> None:
    seen = foreign_principals(trust(*statements), OWN, trusted_accounts=(PARTNER,))

    assert [each.account for each in seen] == expected
