"""`status`: what it shows, and that silence is no success."""

import pytest

from bot.errors import ExitCode
from tests.cli.conftest import Shell
from tests.reports.samples import state


@pytest.mark.parametrize(("well", "code"), [(True, ExitCode.FINE), (False, ExitCode.UNREAD)])
def test_the_exit_code_says_whether_every_account_is_looked_at(
    shell: Shell, well: bool, code: ExitCode
) -> None:
    shell.service.state = state(well=well)

    assert shell("status").code == code
    outcome = shell("--output", "json", "status")

    assert outcome.code == code
    document = outcome.document()
    assert document["schema"] == "locksmith.status/1"
    assert [each["account"] for each in document["accounts"]] == ["123456789012", "210987654321"]
    assert [len(each["cases"]) for each in document["accounts"]] == [0, 0 if well else 1]
    assert (document["freeze"] is None) == well
