"""Users that are there for another account, and the role to make instead."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Finding, Manual, Protection
from remediations.delegation import user_for_another_account as control
from tests.remediations.looking import look

OTHER = "999988887777"


def seed(account: AccountBuilder) -> None:
    """A user whose name tells for which account it is."""
    account.user(f"export-{OTHER}", created=account.ago(days=200))
    account.key(f"export-{OTHER}", created=account.ago(days=20), last_used=account.ago(days=1))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def found(account: AccountBuilder, **settings: Any) -> list[Finding]:
    return list(control.detect(look(account), control.CONTROL.settings(**settings)))


def advised(account: AccountBuilder, **settings: Any) -> Manual:
    snapshot, chosen = look(account), control.CONTROL.settings(**settings)
    (finding,) = control.detect(snapshot, chosen)
    return control.plan(finding, snapshot, chosen)


@pytest.mark.parametrize(
    ("user", "accounts"),
    [
        pytest.param({"name": f"export-{OTHER}"}, [OTHER], id="name"),
        pytest.param({"name": "x", "path": f"/others/{OTHER}/"}, [OTHER], id="path"),
        pytest.param({"name": "x", "tags": {"ForAccount": OTHER}}, [OTHER], id="tag"),
        pytest.param(
            {"name": "x", "tags": {"vendor": f"arn:aws:iam::{OTHER}:root"}}, [OTHER], id="ARN"
        ),
        pytest.param({"name": "vendor-acme"}, [], id="a vendor's name"),
        pytest.param({"name": "VENDOR-Acme"}, [], id="in another case"),
        pytest.param({"name": "x", "tags": {"order": OTHER}}, None, id="a tag about orders"),
        pytest.param({"name": "export-123456789012"}, None, id="our own number"),
        pytest.param({"name": f"export-{OTHER}1"}, None, id="thirteen digits"),
        pytest.param({"name": f"export-{OTHER[:11]}"}, None, id="eleven digits"),
        pytest.param({"name": "vendors"}, None, id="a name like it"),
        pytest.param({"name": "x", "tags": {"account": "ours"}}, None, id="no number"),
    ],
)
def test_signs(account: AccountBuilder, user: dict[str, Any], accounts: list[str] | None) -> None:
    account.user(**user)
    account.key(user["name"])

    seen = found(account)

    assert [one.evidence["accounts"] for one in seen] == ([] if accounts is None else [accounts])


def test_without_an_active_key_nobody_elsewhere_works(account: AccountBuilder) -> None:
    account.user(f"a-{OTHER}")
    account.user(f"b-{OTHER}")
    account.key(f"b-{OTHER}", status="Inactive")

    assert not found(account)


def test_names_of_ones_own(account: AccountBuilder) -> None:
    account.user("acme@partner,eu")
    account.key("acme@partner,eu")

    assert not found(account)
    assert found(account, names=["acme@*"])


def test_those_for_emergencies_are_left_out(account: AccountBuilder) -> None:
    seed(account)
    snapshot = look(account, Protection(break_glass=(f"*:user/export-{OTHER}",)))

    assert not list(control.detect(snapshot, control.CONTROL.settings()))


def test_the_role_to_make_instead(account: AccountBuilder) -> None:
    """It trusts that account with an external id, the same every time."""
    seed(account)
    account.attach("ReadOnlyAccess", user=f"export-{OTHER}")
    account.inline("more", {"Version": "2012-10-17", "Statement": []}, user=f"export-{OTHER}")

    advice = advised(account)

    trust = json.loads(advice.steps[0].removeprefix("Save as trust.json: "))
    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{OTHER}:root"}
    assert statement["Condition"]["StringEquals"]["sts:ExternalId"] in advice.steps[3]
    assert advice.steps[1].startswith(f"aws iam create-role --role-name for-{OTHER} ")
    assert "ReadOnlyAccess, its inline policy more" in advice.steps[2]
    assert advice.digest() == advised(account).digest()


def test_whose_it_is_may_have_to_be_asked(account: AccountBuilder) -> None:
    account.user("vendor-acme")
    account.key("vendor-acme")

    advice = advised(account)

    assert "Ask whoever holds the key" in advice.steps[0]
    assert "THEIR-ACCOUNT" in advice.steps[1]


def test_a_key_that_was_never_used_tells_no_day(account: AccountBuilder) -> None:
    """Of two keys the one that was used tells it."""
    name = f"export-{OTHER}"
    account.user(name)
    account.key(name)
    account.key(name, last_used=account.ago(days=1))

    (finding,) = found(account)

    assert finding.evidence["key_last_used"] is not None


def test_who_has_no_rights_needs_none_in_the_role(account: AccountBuilder) -> None:
    seed(account)

    assert "nothing (it has no rights of its own)" in advised(account).steps[2]
