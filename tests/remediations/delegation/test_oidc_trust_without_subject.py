"""Identity providers are trusted for the subjects that are ours, and for no others."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Risk, Severity
from remediations.delegation import oidc_trust_without_subject as control
from tests.remediations.acting import Acting, apply_and_undo, stopped_by
from tests.remediations.delegation.trusts import (
    HOSTILE_ROLE,
    OWN,
    by_hand,
    fixed,
    found_by,
    planned_by,
    trust,
    trust_of,
    trusting,
    when,
)

PROVIDERS = "arn:aws:iam::123456789012:oidc-provider/"
GITHUB = "token.actions.githubusercontent.com"
CLUSTER = "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789"
OURS, POD = "repo:harbourlight/*", "system:serviceaccount:orders:api"
SETTINGS = {"subjects": {GITHUB: [OURS], CLUSTER: [POD]}}

found = partial(found_by, control.CONTROL)
planned = partial(planned_by, control.CONTROL)


def web(provider: str, condition: Any = None, **changes: Any) -> dict[str, Any]:
    """A statement that lets the provider's identities assume the role."""
    action = "sts:AssumeRoleWithWebIdentity"
    federated = PROVIDERS + provider if "/" in provider or provider == GITHUB else provider
    one = trusting({"Federated": federated}, Action=action, Condition=condition)
    return one | changes


def sub(value: str, operator: str = "StringLike", provider: str = GITHUB) -> dict[str, Any]:
    return when(f"{provider}:sub", value, operator)


def seed(account: AccountBuilder) -> None:
    """A role that every program of a cluster may assume."""
    audience = when(f"{CLUSTER}:aud", "sts.amazonaws.com")
    account.role("orders", trust=trust(web(CLUSTER, audience)))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def test_seed_is_fixed_and_undone_exactly(account: AccountBuilder) -> None:
    seed(account)
    fix = fixed(planned(account, settings=SETTINGS))
    assert fix.risk is Risk.DISRUPTIVE

    for _ in apply_and_undo(account, fix):
        (statement,) = trust_of(account)
        assert statement["Condition"] == {
            "StringEquals": {f"{CLUSTER}:aud": "sts.amazonaws.com"},
            "StringLike": {f"{CLUSTER}:sub": [POD]},
        }
        assert not found(account)


@pytest.mark.parametrize(
    ("statement", "severity"),
    [
        pytest.param(web(GITHUB), Severity.CRITICAL, id="nothing"),
        pytest.param(
            web(GITHUB, when(f"{GITHUB}:aud", "sts.amazonaws.com")), Severity.CRITICAL, id="aud"
        ),
        pytest.param(web(GITHUB, sub("*")), Severity.CRITICAL, id="any"),
        pytest.param(web(GITHUB, sub("repo:*")), Severity.CRITICAL, id="any repository"),
        pytest.param(web(GITHUB, sub("repo:harbour*")), Severity.CRITICAL, id="half a name"),
        pytest.param(web(GITHUB, sub("repo:*/web:*")), Severity.CRITICAL, id="anyone's web"),
        pytest.param(web(GITHUB, sub(OURS, "StringLikeIfExists")), Severity.CRITICAL, id="if any"),
        pytest.param(
            web(GITHUB, sub(OURS, "ForAllValues:StringLike")), Severity.CRITICAL, id="for all"
        ),
        pytest.param(web(GITHUB, sub(OURS, "StringNotLike")), Severity.CRITICAL, id="all but ours"),
        pytest.param(web(GITHUB, sub(OURS, provider="gitlab.com")), Severity.CRITICAL, id="other"),
        pytest.param(web(GITHUB, sub(OURS)), None, id="ours"),
        pytest.param(web(GITHUB, sub("repo:harbourlight/web:ref:refs/heads/main")), None, id="one"),
        pytest.param(web(GITHUB, sub(OURS, "ForAnyValue:StringLike")), None, id="for any"),
        pytest.param(
            web(GITHUB, when(f"{GITHUB}:repository_id", "12345")), None, id="a repository's id"
        ),
        pytest.param(web(CLUSTER), Severity.MEDIUM, id="a cluster"),
        pytest.param(
            web(CLUSTER, sub("system:serviceaccount:*", provider=CLUSTER)),
            Severity.MEDIUM,
            id="all of it",
        ),
        pytest.param(
            web(CLUSTER, sub("system:serviceaccount:orders:*", provider=CLUSTER)), None, id="part"
        ),
        pytest.param(web("cognito-identity.amazonaws.com"), Severity.CRITICAL, id="Cognito"),
        pytest.param(
            web(
                "cognito-identity.amazonaws.com",
                when("cognito-identity.amazonaws.com:aud", "eu-west-1:1234"),
            ),
            None,
            id="our pool",
        ),
        pytest.param(
            trusting(
                {"Federated": "arn:aws:iam::123456789012:saml-provider/Corp"},
                Action="sts:AssumeRoleWithSAML",
            ),
            None,
            id="SAML",
        ),
        pytest.param(web(GITHUB, Effect="Deny"), None, id="a Deny"),
    ],
)
def test_who_may_come(
    account: AccountBuilder, statement: dict[str, Any], severity: Severity | None
) -> None:
    """Critical where anyone can have an account at the provider, medium where it is ours."""
    account.role("r", trust=trust(statement))

    assert [one.severity for one in found(account)] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("deny", "fires"),
    [
        pytest.param(web(GITHUB, sub(OURS, "StringNotLike")), False, id="all but ours"),
        pytest.param(web(GITHUB, sub("repo:*", "StringNotLike")), True, id="all but everybody"),
        pytest.param(web(CLUSTER, sub(OURS, "StringNotLike")), True, id="another provider's"),
    ],
)
def test_a_deny_for_all_others_counts(
    account: AccountBuilder, deny: dict[str, Any], fires: bool
) -> None:
    account.role("r", trust=trust(web(GITHUB), deny | {"Effect": "Deny"}))

    assert bool(found(account)) is fires


def test_a_shared_provider_is_for_good(account: AccountBuilder) -> None:
    """AWS would refuse the old text, so there is no undo; the text is in the evidence."""
    account.role("ci", trust=trust(web(GITHUB)))
    fix = fixed(planned(account, settings=SETTINGS))
    assert fix.risk is Risk.IRREVERSIBLE
    assert GITHUB in str(found(account)[0].evidence["trust_policy"])

    Acting(account, fix).apply()

    assert trust_of(account) == [web(GITHUB, {"StringLike": {f"{GITHUB}:sub": [OURS]}})]
    assert not found(account)


def test_a_wider_pattern_gives_way(account: AccountBuilder) -> None:
    account.role("ci", trust=trust(web(GITHUB, sub("repo:*"))))

    Acting(account, fixed(planned(account, settings=SETTINGS))).apply()

    assert trust_of(account) == [web(GITHUB, {"StringLike": {f"{GITHUB}:sub": [OURS]}})]


def test_others_of_the_statement_stay_as_they_were(account: AccountBuilder) -> None:
    """Two providers and an account in one statement: each gets just what is its own."""
    both = {"Federated": [PROVIDERS + GITHUB, PROVIDERS + CLUSTER], "AWS": OWN}
    mixed = trusting(both, Action=["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"], Sid="Mixed")
    account.role("r", trust=trust(mixed))

    Acting(account, fixed(planned(account, settings=SETTINGS))).apply()

    assert not found(account)
    named = {
        str(one["Principal"]): one.get("Condition", {}).get("StringLike")
        for one in trust_of(account)
    }
    assert set(map(str, named.values())) == {
        "None",
        str({f"{GITHUB}:sub": [OURS]}),
        str({f"{CLUSTER}:sub": [POD]}),
    }


@pytest.mark.parametrize(
    ("statement", "subjects", "reason"),
    [
        pytest.param(web(GITHUB), {}, "nothing says which subjects", id="nothing configured"),
        pytest.param(web(GITHUB), {GITHUB: ["repo:*"]}, "take in others", id="no subjects of ours"),
        pytest.param(
            web(GITHUB, sub("repo:*/web")), {GITHUB: [OURS]}, "already has", id="another pattern"
        ),
        pytest.param(
            web(GITHUB)
            | {"Principal": {"Federated": PROVIDERS + GITHUB, "AWS": "AIDAEXAMPLE1234567"}},
            {GITHUB: [OURS]},
            "could not be undone",
            id="a deleted user",
        ),
    ],
)
def test_what_is_left_to_people(
    account: AccountBuilder, statement: dict[str, Any], subjects: Any, reason: str
) -> None:
    account.role("r", trust=trust(statement))

    advice = by_hand(planned(account, settings={"subjects": subjects}))

    assert reason in advice.reason
    assert "userIdentity.userName" in advice.steps[0]


@pytest.mark.parametrize(("room", "manual"), [(0, False), (-1, True)])
def test_size_of_a_trust_policy(account: AccountBuilder, room: int, manual: bool) -> None:
    seed(account)
    text = str(fixed(planned(account, settings=SETTINGS)).steps[0].do.params["PolicyDocument"])
    account.quota("AssumeRolePolicySizeQuota", len("".join(text.split())) + room)

    assert hasattr(planned(account, settings=SETTINGS), "reason") is manual


def test_whoever_changed_it_since_is_not_overwritten(account: AccountBuilder) -> None:
    seed(account)

    def anew() -> None:
        account.iam.get_role("orders").id = "AROAANOTHER"

    assert stopped_by(
        account, fixed(planned(account, settings=SETTINGS)), "ask-for-subject", anew
    ) == ["orders is another role now"]


def test_names_with_every_character(account: AccountBuilder) -> None:
    account.role(HOSTILE_ROLE, trust=trust(web(CLUSTER)))

    for _ in apply_and_undo(account, fixed(planned(account, settings=SETTINGS))):
        assert not found(account)
