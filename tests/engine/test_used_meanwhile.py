"""What was used since the question was asked is not taken away: a new report is looked at first."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.scanning import ScanSettings
from bot.errors import AwsError, StaleError
from bot.model import ProposalState
from bot.store.database import Store
from tests.aws.conftest import error_answer
from tests.conftest import NOON, StandingClock
from tests.engine.house import ALICE, House, house
from tests.remediations import aged
from tests.remediations.access_levels import test_credentials_exposure as credentials
from tests.remediations.access_levels import test_write_granted_broadly as writing
from tests.remediations.acting import rights
from tests.remediations.groups import test_stale_group_membership as groups
from tests.remediations.least_privilege import test_unused_action_permissions as actions
from tests.remediations.least_privilege import test_unused_service_permissions as services

ON: Mapping[str, Any] = {"enabled": True}
ORDER = "iam:GenerateServiceLastAccessedDetails"
NEARLY_ALL = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
Lives = Callable[["Case"], AbstractContextManager[House]]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountBuilder]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_account(NOON) as builder:
        yield builder


@pytest.fixture
def lives(account: AccountBuilder, sqlite_store: Store, clock: StandingClock) -> Lives:
    """A house with one control."""

    def made(case: Case) -> AbstractContextManager[House]:
        quick = ScanSettings(pause=lambda _: None)
        only, chosen = (case.control,), {case.control: case.settings}
        return house(account, sqlite_store, clock, only=only, controls=chosen, settings=quick)

    return made


def _keys(account: AccountBuilder) -> None:
    account.user("max", created=account.ago(days=900))
    account.inline("git", aged.GIT, user="max")
    account.ssh_key("max", created=account.ago(days=400))


def _credentials(account: AccountBuilder) -> None:
    account.user("max", created=account.ago(days=900))
    account.inline("git", aged.GIT, user="max")
    account.service_credential("max", created=account.ago(days=400))


@dataclass(frozen=True)
class Case:
    """An account with one finding of a control, and what shows that it was used after all."""

    control: str
    seed: Callable[[AccountBuilder], None]
    use: Callable[[AccountBuilder], None]
    said: str
    settings: Mapping[str, Any] = field(default_factory=lambda: ON)


def _writing(account: AccountBuilder) -> None:
    writing.TestByUse().long_ago(account)


CASES = {
    "services": Case(
        "unused-service-permissions",
        services.seed,
        lambda account: account.use_action(services.WHO, "sqs:ListQueues"),
        "nobody used sqs for 90 days",
    ),
    "inline": Case(
        "unused-service-permissions",
        lambda account: services.inline(account, "group", "s3:Get*", "sqs:*"),
        lambda account: account.use_action(services.WHO, "sqs:ListQueues"),
        "nobody used sqs for 90 days",
    ),
    "all of it": Case(
        "unused-service-permissions",
        lambda account: services.inline(account, "role", "sqs:*"),
        lambda account: account.use_action(services.WHO, "sqs:ListQueues"),
        "nobody used sqs for 90 days",
    ),
    "actions": Case(
        "unused-action-permissions",
        actions.seed,
        lambda account: account.use_action(actions.WHO, "sqs:GetQueueUrl"),
        "nobody used sqs:GetQueueUrl for 90 days",
    ),
    "levels": Case(
        "credentials-exposure",
        credentials.seed,
        lambda account: account.use_action("worker", credentials.ACTIONS[0]),
        "nobody used redshift for 90 days",
        credentials.SETTINGS,
    ),
    "writing": Case(
        "write-granted-broadly",
        _writing,
        lambda account: account.use_action("quiet1", "ec2:DeleteVolume"),
        "nobody used ec2:DeleteVolume for 90 days",
        {"unused_days": 90},
    ),
    "members": Case(
        "stale-group-membership",
        groups.seed,
        lambda account: account.use_service("ann", "sqs"),
        "nobody used sqs for 90 days",
    ),
    "keys": Case(
        "unused-ssh-key",
        _keys,
        lambda account: account.use_service("max", "codecommit"),
        "nobody used codecommit for 90 days",
    ),
    "credentials": Case(
        "unused-service-specific-credential",
        _credentials,
        lambda account: account.use_service("max", "codecommit"),
        "nobody used codecommit for 90 days",
    ),
}
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
two_cases = pytest.mark.parametrize(
    "case", [CASES["services"], CASES["members"]], ids=["services", "members"]
)


def _pictured(account: AccountBuilder) -> Any:
    iam = account.client()
    users = [user["UserName"] for user in iam.list_users()["Users"]]
    return (
        rights(account),
        [iam.list_ssh_public_keys(UserName=name)["SSHPublicKeys"] for name in users],
        iam.list_service_specific_credentials(AllUsers=True)["ServiceSpecificCredentials"],
    )


@cases
def test_used_before_it_is_carried_out(account: AccountBuilder, lives: Lives, case: Case) -> None:
    """Asked, used 12 days later, approved the day after: refused, and it says what was used."""
    case.seed(account)
    with lives(case) as home:
        view = home.only(case.control)
        home.live()
        home.pass_time(days=12)
        case.use(account)
        home.pass_time(days=1)
        before = _pictured(account)
        with pytest.raises(StaleError, match=f"AWS doesn't show any more that {case.said}"):
            home.fix(view)
        assert view.proposal is not None
        after = home.service.proposal(view.proposal.id).proposal
    assert after.state is ProposalState.STALE
    assert case.said in after.why
    assert _pictured(account) == before


@cases
def test_not_used_meanwhile(account: AccountBuilder, lives: Lives, case: Case) -> None:
    """The same days later it is carried out, by a report of that moment."""
    case.seed(account)
    with lives(case) as home:
        view = home.only(case.control)
        home.live()
        home.pass_time(days=13)
        ordered = home.connection.calls[ORDER]
        before = _pictured(account)
        done = home.fix(view)
        assert done.state is ProposalState.DONE, done.why
        assert home.connection.calls[ORDER] > ordered
    assert _pictured(account) != before


@two_cases
@pytest.mark.parametrize(
    ("age", "believed"),
    [
        pytest.param(timedelta(days=5, seconds=-1), True, id="below"),
        pytest.param(timedelta(days=5), True, id="at"),
        pytest.param(timedelta(days=5, seconds=1), False, id="above"),
    ],
)
def test_reports_older_than_five_days(
    account: AccountBuilder, lives: Lives, case: Case, age: timedelta, believed: bool
) -> None:
    """Whatever AWS hands out just before: what is too old shows nothing."""
    case.seed(account)
    with lives(case) as home:
        view = home.only(case.control)
        home.live()
        account.iam.access_age = age
        if believed:
            assert home.fix(view).state is ProposalState.DONE
            return
        before = _pictured(account)
        with pytest.raises(StaleError, match="report on what was used is older than 5 days"):
            home.fix(view)
    assert _pictured(account) == before


def _denied(home: House) -> None:
    events = home.connection.reader("iam").meta.events
    name = f"before-send.{ORDER.replace(':', '.')}"
    events.register_first(name, lambda **_: error_answer("AccessDenied", "not authorized"))


def _slow(home: House) -> None:
    home.account.iam.access_polls = 1000


@two_cases
@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        pytest.param(_denied, f"{ORDER} failed: AccessDenied", id="denied"),
        pytest.param(_slow, "AWS takes too long over the report", id="slow"),
    ],
)
def test_a_report_that_can_not_be_had(
    account: AccountBuilder, lives: Lives, case: Case, trouble: Callable[[House], None], said: str
) -> None:
    """Not known is not unused: nothing is sent, it says why, and the approval stands."""
    case.seed(account)
    with lives(case) as home:
        view = home.only(case.control)
        home.live()
        approved = home.approve(view)
        before = _pictured(account)
        trouble(home)
        with pytest.raises(AwsError, match=said):
            home.apply(approved)
        after = home.service.proposal(approved).proposal
    assert after.state is ProposalState.APPROVED
    assert said in after.why
    assert _pictured(account) == before


def test_a_rehearsal_says_it(account: AccountBuilder, lives: Lives) -> None:
    """It orders a report as well, so that a dry run doesn't promise what is refused later."""
    case = CASES["services"]
    case.seed(account)
    with lives(case) as home:
        view = home.only(case.control)
        home.live()
        approved = home.approve(view)
        assert home.service.rehearse(approved, ALICE).would_write
        case.use(account)
        rehearsal = home.service.rehearse(approved, ALICE)
    assert not rehearsal.would_write
    assert case.said in rehearsal.steps[0].objections[0]


def test_what_another_use_of_the_service_does_not_stop(
    account: AccountBuilder, lives: Lives
) -> None:
    """Of single actions only these count: the service is in use anyway."""
    case = CASES["actions"]
    case.seed(account)
    with lives(case) as home:
        view = home.only(case.control)
        home.live()
        account.use_action(actions.WHO, "sqs:ListQueues")
        assert home.fix(view).state is ProposalState.DONE


def test_all_services_of_a_group(account: AccountBuilder, lives: Lives) -> None:
    """A group that allows nearly everything: whatever was used counts."""
    account.group("all", created=account.ago(days=900))
    document = {"Version": "2012-10-17", "Statement": [NEARLY_ALL]}
    account.inline("all", document, group="all")
    account.user("ann", created=account.ago(days=900), groups=["all"])
    case = Case(
        "stale-group-membership",
        lambda _account: None,
        lambda account: account.use_service("ann", "backup"),
        "nothing was used for 90 days",
    )
    with lives(case) as home:
        view = home.only(case.control)
        home.live()
        account.use_service("ann", "backup", at=account.ago(days=91))
        assert home.service.rehearse(home.approve(view), ALICE).would_write
        case.use(account)
        assert view.proposal is not None
        with pytest.raises(StaleError, match=case.said):
            home.apply(view.proposal.id)
