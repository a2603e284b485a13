"""Users that send mail through Amazon SES: no fix of any control could stop their mail.

Their SMTP password is computed from the key's secret, and IAM isn't sure to see it used.
"""

from collections.abc import Iterator
from datetime import datetime

import pytest

from bot import registry
from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.company import document, statement
from bot.credentials import sends_mail
from bot.model import AnyControl, Plan, Snapshot
from remediations._fence_documents import CONSOLE_FENCE, INACTIVE_DOCUMENT, INACTIVE_FENCE
from tests.remediations.contract import NOW, PEOPLE
from tests.remediations.healthy import healthy
from tests.remediations.looking import look

#: The three ways in which SES's console has made such users over the years.
BY_NAME, BY_GROUP, BY_POLICY = "ses-smtp-user.20250312-101500", "mailer", "old-mailer"
SEND = document(statement("Allow", "ses:SendRawEmail", "*"))
#: What would stop mail: a key that is changed or gone, a right that is, or a fence before keys.
STOPS = frozenset(
    {
        "UpdateAccessKey", "DeleteAccessKey", "CreateAccessKey", "DeleteUser",
        "RemoveUserFromGroup", "DeleteUserPolicy", "DetachUserPolicy",
    }
)  # fmt: skip


def _mailers(account: AccountBuilder, last_used: datetime | None) -> None:
    account.group("AWSSESSendingGroupDoNotRename", created=account.ago(days=900))
    account.inline("send", SEND, group="AWSSESSendingGroupDoNotRename")
    for name in (BY_NAME, BY_GROUP, BY_POLICY):
        account.user(name, created=account.ago(days=900))
        account.key(name, created=account.ago(days=800), last_used=last_used, service="ses")
        account.key(name, created=account.ago(days=700))
        account.password(name)
    account.member(BY_GROUP, "AWSSESSendingGroupDoNotRename")
    for name in (BY_NAME, BY_POLICY):
        account.inline("AmazonSesSendingAccess", SEND, user=name)


@pytest.fixture(scope="module", params=["never used", "idle", "in use", "fenced"])
def mailers(request: pytest.FixtureRequest) -> Iterator[Snapshot]:
    """All of them, with keys in this state, and a password that nobody uses."""
    with mock_account(NOW) as account:
        healthy(account)
        used = {"idle": account.ago(days=300), "in use": account.ago(hours=1)}
        _mailers(account, used.get(request.param))
        if request.param == "fenced":
            put = account.ago(days=500)
            for name in (BY_NAME, BY_GROUP, BY_POLICY):
                account.inline(INACTIVE_FENCE, dict(INACTIVE_DOCUMENT), user=name)
                vars(account).setdefault("fences", {})[name, INACTIVE_FENCE] = put
        yield look(account)


def test_all_are_known(mailers: Snapshot) -> None:
    assert {user.name for user in mailers.users if sends_mail(user)} == {
        BY_NAME,
        BY_GROUP,
        BY_POLICY,
    }


@pytest.mark.parametrize(
    "control",
    [
        each
        for each in registry.discover().values()
        if each.settings().enabled or each.topic in PEOPLE
    ],
    ids=lambda each: each.id,
)
def test_no_fix_stops_their_mail(mailers: Snapshot, control: AnyControl) -> None:
    """Every plan of every control, whatever state the keys are in."""
    settings = control.settings()
    for finding in control.detect(mailers, settings):
        fix = control.plan(finding, mailers, settings)
        if not isinstance(fix, Plan):
            continue
        for step in fix.steps:
            user = mailers.users_by_name.get(str(step.do.params.get("UserName")))
            if user is None or not sends_mail(user):
                continue
            stops = STOPS | {"PutUserPolicy"}
            spares_keys = step.do.params.get("PolicyName") == CONSOLE_FENCE
            assert spares_keys or step.do.operation not in stops, f"{control.id}: {step.summary}"
