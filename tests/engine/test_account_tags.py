"""Tags of the account itself name owners, as a claim like any other tag."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.aws.connection import AwsConnection
from bot.aws.reading import read
from bot.aws.sessions import connect
from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.account_tags import account_tags
from bot.engine.claimants import Claimants
from bot.engine.owner_claims import OwnerRules
from bot.engine.tags import still_says
from bot.model import Call, Json, OwnerClaim, OwnerSource
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import ALICE, house, quiet

RULES = OwnerRules(
    (OwnerSource.TAGS, OwnerSource.ACCOUNT_TAGS, OwnerSource.DEFAULT), ("owner",), {}, {}, "U0ALL"
)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountBuilder]:
    """The management account of an organisation, tagged; web has an idle key and no tag."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_account(NOON) as builder:
        organisation(builder).create_organization(FeatureSet="ALL")
        tag(builder, "U0ANN ")
        builder.user("web", created=builder.ago(days=400))
        builder.key("web", created=builder.ago(days=80), last_used=builder.ago(days=70))
        yield builder


def organisation(account: AccountBuilder) -> Any:
    return account.client("organizations")


def tag(account: AccountBuilder, owner: str) -> None:
    tags = [{"Key": "owner", "Value": owner}, {"Key": "stage", "Value": "prod"}]
    organisation(account).tag_resource(ResourceId=account.account_id, Tags=tags)


@pytest.fixture
def connection(account: AccountBuilder) -> Iterator[AwsConnection]:
    with connect(read_attempts=1) as opened:
        yield opened


def claims_in(
    account: AccountBuilder, store: Store, clock: StandingClock, rules: OwnerRules
) -> list[OwnerClaim]:
    with house(
        account, store, clock, only=("unused-access-key",), claims_for=Claimants(rules)
    ) as home:
        (view,) = home.service.scan(ALICE, quiet).findings
    assert view.proposal is not None
    return list(view.proposal.claims)


def test_they_claim_after_those_of_the_thing_and_before_the_default(
    account: AccountBuilder, store: Store, clock: StandingClock
) -> None:
    assert claims_in(account, store, clock, RULES) == [
        OwnerClaim(OwnerSource.ACCOUNT_TAGS, "U0ANN", "tag of the account owner = U0ANN", "owner"),
        OwnerClaim(OwnerSource.DEFAULT, "U0ALL", "the default owner"),
    ]


def test_a_source_that_is_left_out_is_not_asked(
    account: AccountBuilder, store: Store, clock: StandingClock
) -> None:
    rules = replace(RULES, sources=(OwnerSource.DEFAULT,))

    assert [each.address for each in claims_in(account, store, clock, rules)] == ["U0ALL"]


def test_where_no_organisation_can_be_asked_they_claim_nothing(
    monkeypatch: pytest.MonkeyPatch, store: Store, clock: StandingClock
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_account(NOON) as builder:
        builder.user("web", created=builder.ago(days=400))
        builder.key("web", created=builder.ago(days=80), last_used=builder.ago(days=70))
        found = claims_in(builder, store, clock, RULES)

    assert [each.source for each in found] == [OwnerSource.DEFAULT]


def test_one_that_changed_gives_no_right(
    account: AccountBuilder, store: Store, clock: StandingClock, connection: AwsConnection
) -> None:
    claim = claims_in(account, store, clock, RULES)[0]

    def holds() -> bool:
        with house(account, store, clock, only=("unused-access-key",)) as home:
            (view,) = home.service.findings()
        return still_says(
            view.record.finding, claim, account.account_id, lambda call: read(connection, call)
        )

    assert holds()
    tag(account, "U0MALLORY")
    assert not holds()


@pytest.mark.parametrize("pages", [1, 3])
def test_all_pages_are_read(pages: int) -> None:
    asked: list[Json] = []

    def answer(call: Call) -> Json:
        asked.append(call.params.get("NextToken"))
        number = len(asked)
        more = {"NextToken": f"t{number}"} if number < pages else {}
        return {"Tags": [{"Key": f"k{number}", "Value": "v"}], **more}

    read_page: Callable[[Call], Json] = answer
    assert account_tags("1", read_page) == {f"k{number}": "v" for number in range(1, pages + 1)}
    assert asked == [None, "t1", "t2"][:pages]
