"""A review is recorded against one document, counts for one time, and is the right people's."""

import json
from collections.abc import Iterator

import pytest

from bot.aws.simulated import mock_account
from bot.engine.approvals import Approvals
from bot.errors import RefusedError
from bot.model import Actor, FindingStatus, ProposalState
from bot.store import audit
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import ALICE, House, house
from tests.remediations.access_levels import test_policy_review_overdue as policies

CONTROL = "policy-review-overdue"


@pytest.fixture
def home(
    monkeypatch: pytest.MonkeyPatch, sqlite_store: Store, clock: StandingClock
) -> Iterator[House]:
    """An account with one broad policy that nobody has looked at."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_account(NOON) as account:
        policies.seed(account)
        with house(account, sqlite_store, clock, only=(CONTROL,), approvals=Approvals()) as built:
            yield built


def widen(home: House) -> None:
    """Another document comes into force."""
    client = home.account.client()
    made = home.account.iam.managed_policies.values()
    policy = next(each for each in made if "uploads" in each.arn)
    text = json.dumps(policies.allow("s3:*"))
    client.create_policy_version(PolicyArn=policy.arn, PolicyDocument=text, SetAsDefault=True)


def test_it_counts_until_the_next_one_is_due(home: House) -> None:
    """Recorded with the document's hash; asked again after as many days, and not before."""
    view = home.only(CONTROL)
    assert view.proposal is not None
    done = home.service.review_policy(view.record.id, ALICE)
    assert done.record.status is FindingStatus.EXEMPT
    assert done.record.exempt_reason == f"reviewed {view.record.finding.evidence['document']}"
    assert home.service.proposal(view.proposal.id).proposal.state is ProposalState.CANCELLED
    with home.store.read() as tx:
        events = list(audit.events(tx, subject=view.record.id))
    assert any("reviewed sha256:" in str(each) and str(ALICE) in str(each.actor) for each in events)

    home.pass_time(days=179)
    assert home.only(CONTROL).record.status is FindingStatus.EXEMPT
    home.pass_time(days=2)
    again = home.only(CONTROL)
    assert (again.record.id, again.record.status) == (view.record.id, FindingStatus.OPEN)
    assert again.proposal is not None
    assert again.proposal.state is not ProposalState.CANCELLED


@pytest.mark.parametrize("by", ["finding", "question"])
def test_an_inline_policy_is_reviewed_likewise(home: House, by: str) -> None:
    """Recorded against its document; another one in its place is asked about with the next scan."""
    account = home.account
    account.iam.detach_role_policy(next(iter(account.iam.managed_policies)), "uploader")
    account.role("old", created=account.ago(days=900))
    account.inline("up+loads", policies.BROAD, role="old")
    view = home.only(CONTROL)
    assert view.proposal is not None
    if by == "finding":
        home.service.review_policy(view.record.id, ALICE)
    else:
        home.service.review_question(view.proposal.id, ALICE)
    done = home.service.finding(view.record.id).record
    assert done.status is FindingStatus.EXEMPT
    assert done.exempt_reason == f"reviewed {view.record.finding.evidence['document']}"

    home.pass_time(days=179)
    assert home.only(CONTROL).record.status is FindingStatus.EXEMPT
    account.inline("up+loads", policies.allow("s3:*"), role="old")
    (new,) = [each for each in home.scan().findings if each.record.status is FindingStatus.OPEN]
    assert new.record.id != view.record.id
    account.inline("up+loads", policies.BROAD, role="old")
    home.pass_time(days=2)
    again = home.only(CONTROL)
    assert (again.record.id, again.record.status) == (view.record.id, FindingStatus.OPEN)


def test_another_document_is_another_question(home: House) -> None:
    """The word about the old one says nothing of it."""
    view = home.only(CONTROL)
    home.service.review_policy(view.record.id, ALICE)
    widen(home)
    assert not [each for each in home.scan().findings if each.record.status is FindingStatus.OPEN]
    home.pass_time(days=181)
    (new,) = [each for each in home.scan().findings if each.record.status is FindingStatus.OPEN]
    assert new.record.id != view.record.id
    assert new.record.finding.evidence["document"] != view.record.finding.evidence["document"]


def test_by_its_question_too(home: House) -> None:
    """As Slack's button does it."""
    view = home.only(CONTROL)
    assert view.proposal is not None
    home.service.review_question(view.proposal.id, ALICE)
    assert home.service.finding(view.record.id).record.status is FindingStatus.EXEMPT


def test_what_is_no_review_is_refused(
    monkeypatch: pytest.MonkeyPatch, sqlite_store: Store, clock: StandingClock
) -> None:
    """A key doesn't become used by somebody's word."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_account(NOON) as account:
        account.user("ann", created=account.ago(days=400))
        account.key("ann", created=account.ago(days=300), last_used=account.ago(days=200))
        with house(account, sqlite_store, clock, only=("unused-access-key",)) as home:
            view = home.only("unused-access-key")
            with pytest.raises(RefusedError, match="asks for no review"):
                home.service.review_policy(view.record.id, ALICE)
            assert home.only("unused-access-key").record.status is FindingStatus.OPEN


def test_who_may_not_exempt_may_not_review(home: House) -> None:
    """Somebody of Slack whom nothing makes an operator."""
    view = home.only(CONTROL)
    with pytest.raises(RefusedError):
        home.service.review_policy(view.record.id, Actor("slack", "T1/U1"))
    assert home.only(CONTROL).record.status is FindingStatus.OPEN
