"""Who administers: documents with everything, and principals who can hand out rights."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.administration import (
    ADMINISTRATION,
    Answer,
    FullAccess,
    administers_iam,
    full_administration_of,
    grants_full_administration,
)
from bot.policy.cannot_tell import CannotTell
from bot.policy.document import Document, parse_document
from tests.policy.oracle import Request, allows, applies, as_list
from tests.policy.strategies import ACCOUNT, documents, holding

ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY = {"Effect": "Deny", "Action": "*", "Resource": "*"}
MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
NO_MFA = {"Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
IAM = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
POWER = {
    "Effect": "Allow",
    "NotAction": ["iam:*", "organizations:*", "account:*"],
    "Resource": "*",
}


def doc(*statements: dict[str, Any]) -> Document:
    return parse_document({"Version": "2012-10-17", "Statement": list(statements)}, where="d")


FULL = {
    "all": [ALL],
    "scalar and list": [ALL | {"Action": ["*"], "Resource": ["*"]}],
    "all of all services": [ALL | {"Action": "*:*"}],
    "two stars": [ALL | {"Action": "**", "Resource": "**"}],
    "question marks": [ALL | {"Action": "?*:*?"}],
    "one of several patterns": [ALL | {"Action": ["s3:Get*", "*"]}],
    "all ARNs": [ALL | {"Resource": "arn:*"}],
    "all ARNs of the partition": [ALL | {"Resource": "arn:aws:*"}],
    "all but a bucket": [ALL | {"Resource": None, "NotResource": "arn:aws:s3:::b"}],
    "all but one role": [ALL | {"Resource": None, "NotResource": "arn:aws:iam::*:role/b"}],
    "all but storage": [ALL | {"Action": None, "NotAction": "s3:*"}],
    "all but one IAM action": [ALL | {"Action": None, "NotAction": "iam:UpdateAccessKey"}],
    "all but reading IAM": [ALL | {"Action": None, "NotAction": ["iam:Get*", "iam:List*"]}],
    "letter by letter": [ALL | {"Action": [f"{chr(c)}*:*" for c in range(97, 123)]}],
    "a deny elsewhere": [ALL, DENY | {"Action": "s3:*"}],
    "a deny of some IAM": [ALL, DENY | {"Action": "iam:Attach*"}],
    "a deny on one role": [ALL, DENY | {"Resource": "arn:aws:iam::*:role/break-glass"}],
}
NOT_FULL = {
    "nothing": [],
    "power user": [POWER],
    "IAM alone": [IAM],
    "a deny of everything": [ALL, DENY],
    "a deny of IAM": [ALL, DENY | {"Action": "IAM:*"}],
    "a deny of all but reading": [ALL, DENY | {"Action": None, "NotAction": "*:Get*"}],
    "one service": [ALL | {"Action": "s3:*"}],
    "reading": [ALL | {"Action": ["*:Get*", "*:List*", "*:Describe*"]}],
    "one bucket": [ALL | {"Resource": "arn:aws:s3:::b*"}],
    "IAM resources only": [ALL | {"Resource": "arn:aws:iam::*:*"}],
    "users only": [ALL | {"Resource": "arn:aws:iam::*:user/*"}],
    "all but everything": [ALL | {"Action": None, "NotAction": "*"}],
    "all but all resources": [ALL | {"Resource": None, "NotResource": "*"}],
    "all but IAM's resources": [ALL | {"Resource": None, "NotResource": "arn:aws:iam::*"}],
    "a deny alone": [DENY],
    "oneself": [ALL | {"Resource": "arn:aws:iam::*:user/${aws:username}"}],
}


def cleaned(statements: list[dict[str, Any]]) -> Document:
    return doc(*({k: v for k, v in one.items() if v is not None} for one in statements))


@pytest.mark.parametrize("statements", FULL.values(), ids=FULL.keys())
def test_full_administration_is_recognised(statements: list[dict[str, Any]]) -> None:
    document = cleaned(statements)

    assert grants_full_administration(document) == FullAccess(
        (document.statements[0],), conditional=False
    )


@pytest.mark.parametrize("statements", NOT_FULL.values(), ids=NOT_FULL.keys())
def test_less_than_full_administration_is_not_reported(statements: list[dict[str, Any]]) -> None:
    assert grants_full_administration(cleaned(statements)) is None


@pytest.mark.parametrize(
    ("statements", "conditional"),
    [
        pytest.param([ALL | MFA], True, id="conditional allow"),
        pytest.param([ALL, DENY | NO_MFA], True, id="conditional deny"),
        pytest.param([ALL | MFA, ALL], False, id="a plain one beside it"),
    ],
)
def test_conditional_administration_is_said_to_be(
    statements: list[dict[str, Any]], conditional: bool
) -> None:
    found = grants_full_administration(doc(*statements))

    assert found is not None
    assert found.conditional is conditional


def test_the_partition_of_arns_counts() -> None:
    china = doc(ALL | {"Resource": "arn:aws-cn:*"})

    assert grants_full_administration(china) is None
    assert grants_full_administration(china, partition="aws-cn") is not None


SERVICES = ("zz-new:Do", "s3:GetObject", "iam:AttachUserPolicy", "iam:GetUser", "a:b")
HANDING_OUT = ("AttachUserPolicy", "PutUserPolicy", "UpdateAccessKey", "CreateAccessKey")


def brute_force(content: dict[str, Any]) -> bool:
    """The definition, tried on sample requests with the oracle."""
    statements = as_list(content["Statement"])
    every = frozenset(
        (operator, key) for one in statements for operator in one.get("Condition", {})
        for key in one["Condition"][operator]
    )  # fmt: skip
    someone = "arn:aws:iam::444455556666:user/nobody-knows"
    arns = (someone, someone.replace("user", "role"), someone.replace("user", "policy"))
    places = (*arns, someone.replace("user", "group"), "arn:aws:s3:::some")
    for allow in (one for one in statements if one["Effect"] == "Allow"):
        wide = "NotAction" in allow or all(
            applies({**allow, "Resource": "*"}, Request(action, "*", every)) for action in SERVICES
        )
        everywhere = "NotResource" in allow or any(
            all(applies({"Action": "*", "Resource": one}, Request("a:b", p)) for p in places)
            for one in as_list(allow["Resource"])
        )
        if wide and everywhere and _left(allow, statements, every):
            return True
    return False


def _left(allow: Any, statements: list[Any], every: frozenset[Any]) -> bool:
    kinds = {
        "user": (*HANDING_OUT, "CreateLoginProfile", "UpdateLoginProfile"),
        "group": ("AttachGroupPolicy", "PutGroupPolicy", "AddUserToGroup"),
        "role": ("AttachRolePolicy", "PutRolePolicy", "UpdateAssumeRolePolicy"),
        "policy": ("CreatePolicyVersion", "SetDefaultPolicyVersion"),
    }
    denies = [one for one in statements if one["Effect"] == "Deny"]
    for kind, names in kinds.items():
        for name in names:
            arn = f"arn:aws:iam::444455556666:{kind}/nobody-knows"
            denied = any(applies(one, Request(f"iam:{name}", arn)) for one in denies)
            if applies(allow, Request(f"iam:{name}", arn, every)) and not denied:
                return True
    return False


@given(documents())
def test_full_administration_agrees_with_brute_force(content: dict[str, Any]) -> None:
    # Which account this is has a test of its own.
    text = parse_document(content, where="d").raw.replace(ACCOUNT, "*")
    document = parse_document(text, where="d")

    found = grants_full_administration(document)

    assert (found is not None) == brute_force(document.as_json())


def test_working_administrators_are_found_over_all_documents() -> None:
    halves = [
        doc(IAM | {"Action": ["iam:AttachUserPolicy", "iam:PutUserPolicy"]}),
        doc(IAM | {"Action": ["iam:CreatePolicyVersion", "iam:UpdateAccessKey"]}),
    ]

    assert full_administration_of(halves).answer is Answer.YES
    assert [full_administration_of([half]).answer for half in halves] == [Answer.NO] * 2


# The name of the sample identity, since a drawn wildcard may take in one name and not another.
SOMEONE = "locksmith-looks-for-anyone"
UNREAD = CannotTell("policy p", "it isn't JSON")


@pytest.mark.parametrize(
    ("documents_", "boundary", "answer", "reason"),
    [
        pytest.param([], None, Answer.NO, "no statement allows it", id="nothing"),
        pytest.param([doc(ALL)], None, Answer.YES, "statement 1 allows it", id="all"),
        pytest.param([doc(IAM)], None, Answer.YES, "statement 1", id="IAM"),
        pytest.param([doc(POWER), doc(IAM)], None, Answer.YES, "statement 1", id="two documents"),
        pytest.param([doc(POWER)], None, Answer.NO, "no statement", id="power user"),
        pytest.param([doc(ALL)], doc(POWER), Answer.NO, "boundary", id="boundary without IAM"),
        pytest.param([doc(ALL)], doc(ALL), Answer.YES, "statement 1", id="boundary with all"),
        pytest.param([doc(ALL), doc(DENY)], None, Answer.NO, "denies", id="deny elsewhere"),
        pytest.param([doc(ALL), doc(DENY | NO_MFA)], None, Answer.CONDITIONAL, "Deny", id="MFA"),
        pytest.param([doc(ALL | MFA)], None, Answer.CONDITIONAL, "condition on", id="if MFA"),
        pytest.param(
            [doc(ALL, DENY | {"Action": "iam:UpdateAccessKey"})],
            None,
            Answer.NO,
            "iam:UpdateAccessKey: statement 2 denies",
            id="one write missing",
        ),
        pytest.param(
            [doc(ALL, DENY | {"Resource": "arn:aws:iam::*:role/break-glass"})],
            None,
            Answer.YES,
            "statement 1",
            id="a deny on one role",
        ),
        pytest.param(
            [doc(IAM | {"Resource": "arn:aws:iam::*:user/team/*"})],
            None,
            Answer.NO,
            "no statement",
            id="one team",
        ),
        pytest.param(
            [doc(IAM | {"Resource": "arn:aws:iam::*:user/${aws:username}"})],
            None,
            Answer.NO,
            "iam:CreatePolicyVersion",
            id="oneself",
        ),
        pytest.param([doc(ALL), UNREAD], None, Answer.CANNOT_TELL, "policy p", id="unread"),
        pytest.param([doc(ALL)], UNREAD, Answer.CANNOT_TELL, "isn't JSON", id="unread boundary"),
        pytest.param([doc(DENY), UNREAD], None, Answer.NO, "denies", id="denied all the same"),
    ],
)
def test_an_answer_on_a_principal_has_its_reason(
    documents_: list[Any], boundary: Any, answer: Answer, reason: str
) -> None:
    found = full_administration_of(documents_, boundary)

    assert found.answer is answer
    assert reason in found.reason


def test_a_conditional_answer_names_its_conditions() -> None:
    found = full_administration_of([doc(ALL, DENY | NO_MFA)])

    assert [condition.key for condition in found.conditions] == ["aws:MultiFactorAuthPresent"]


@pytest.mark.parametrize(
    ("account", "answer"),
    [("111122223333", Answer.YES), ("444455556666", Answer.NO), (None, Answer.CONDITIONAL)],
)
def test_arns_of_one_account_need_the_account(account: str | None, answer: Answer) -> None:
    document = doc(IAM | {"Resource": "arn:aws:iam::111122223333:*"})
    given_ = {} if account is None else {"account_id": account}

    assert full_administration_of([document], **given_).answer is answer


def test_a_deny_on_the_own_account_takes_back_once_the_account_is_known() -> None:
    document = doc(ALL, DENY | {"Resource": "arn:aws:iam::111122223333:*"})

    assert grants_full_administration(document) is not None
    assert grants_full_administration(document, account_id="111122223333") is None
    assert full_administration_of([document]).answer is Answer.CONDITIONAL


def test_administering_iam_is_the_answer_on_one_document() -> None:
    assert administers_iam(doc(IAM)).answer is Answer.YES
    assert administers_iam(doc(POWER)).answer is Answer.NO


@given(st.lists(documents(), max_size=3), st.one_of(st.none(), documents()), holding())
def test_yes_and_no_hold_whatever_the_conditions_are(
    contents: list[Any], boundary: Any, held: frozenset[Any]
) -> None:
    read = [parse_document(one, where="d") for one in contents]
    bound = None if boundary is None else parse_document(boundary, where="b")
    answer = full_administration_of(read, bound, account_id=ACCOUNT).answer
    can = [
        allows(
            contents, Request(action, f"arn:aws:iam::{ACCOUNT}:{kind}/{SOMEONE}", held), boundary
        )
        for action, kind in ADMINISTRATION.items()
    ]

    assert answer is not Answer.CANNOT_TELL
    if answer is not Answer.CONDITIONAL:
        assert all(can) == (answer is Answer.YES)
