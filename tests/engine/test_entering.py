"""Several accounts: each by itself, and none taken for another."""

from types import SimpleNamespace
from typing import Any

import pytest

from bot.engine.entering import Accounts, Aws, Enter, KnownAccount
from bot.errors import (
    AwsError,
    CredentialsError,
    LocksmithError,
    NotEnteredError,
    RefusedError,
    UsageError,
)
from bot.model import Account

A, B, C = "111111111111", "222222222222", "333333333333"


def way(account_id: str, partition: str = "aws") -> Aws:
    """A way in that can do nothing."""
    connection: Any = SimpleNamespace(account=Account(account_id, partition))
    nobody: Any = None
    return Aws(connection, nobody, nobody)


def shut() -> Aws:
    raise CredentialsError("AccessDenied", hint="Mend the trust.")


def accounts(**ways: Enter) -> Accounts:
    """Accounts by their letters, named so."""
    ids = {"a": A, "b": B, "c": C}
    return Accounts(
        shut, tuple(KnownAccount(ids[name], enter, name) for name, enter in ways.items())
    )


def test_the_callers_own_account_is_the_only_one() -> None:
    alone = Accounts(lambda: way(A))
    assert alone.ids() == (A,)
    assert alone.only() == A
    assert alone.enter(A).connection.account.id == A
    with pytest.raises(RefusedError, match=f"belongs to account {B}, and you are signed in to {A}"):
        alone.enter(B)


def test_one_that_is_shut_holds_up_no_other() -> None:
    some = accounts(a=shut, b=lambda: way(B))
    assert some.enter(B).connection.account.id == B
    assert some.first().connection.account.id == B
    with pytest.raises(NotEnteredError, match=f"account {A} can't be entered") as caught:
        some.enter(A)
    assert caught.value.hint == "Mend the trust."


def test_who_answers_for_another_account_is_not_believed() -> None:
    swapped = accounts(a=lambda: way(B), b=lambda: way(A))
    for account_id in (A, B):
        with pytest.raises(NotEnteredError, match="leads to"):
            swapped.enter(account_id)
    with pytest.raises(AwsError):
        swapped.first()


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda some: some.only(), UsageError),
        (lambda some: some.id_of("c"), UsageError),
        (lambda some: some.enter(C), RefusedError),
        (lambda some: some.enter_account(Account(A, "aws-cn")), RefusedError),
    ],
)
def test_what_is_not_clear_is_refused(act: Any, error: type[LocksmithError]) -> None:
    with pytest.raises(error):
        act(accounts(a=lambda: way(A), b=lambda: way(B)))


def test_names_are_as_good_as_ids() -> None:
    some = accounts(a=lambda: way(A), b=lambda: way(B))
    assert (some.id_of("b"), some.id_of(A)) == (B, A)
