"""SSH keys for CodeCommit that are too old; test_old_credentials has what all kinds share."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from remediations.rotation import old_ssh_key as control
from tests.remediations import aged
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found


def _in_use(account: AccountBuilder, user: str, **facts: Any) -> str:
    made = aged.with_ssh_key(account, user, **facts)
    account.use_service(user, "codecommit", at=account.ago(days=2))
    return made


seed, just_within, just_beyond = aged.seeds(_in_use)


@pytest.mark.parametrize("place", ["inline", "managed", "group", "of AWS", "none"])
def test_users_whose_policies_name_codecommit_are_asked_about(place: str) -> None:
    """Whoever can't use CodeCommit has no use for an SSH key, and costs no call."""
    with mock_account(NOW) as account:
        account.user("program", created=account.ago(days=900))
        account.group("developers", members=["program"])
        account.ssh_key("program", created=account.ago(days=400))
        if place == "inline":
            account.inline("git", aged.GIT, user="program")
        elif place == "managed":
            account.attach(account.policy("git", aged.GIT), user="program")
        elif place == "group":
            account.inline("git", aged.GIT, group="developers")
        elif place == "of AWS":
            account.attach("AWSCodeCommitPowerUser", user="program")
        assert bool(found(control, look(account))) is (place != "none")
