"""How histories begin: what is wrong in the account, and whether it was asked about already.

A beginning is played once, by scanning and asking, and copied for every history that begins so.
"""

import shutil
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from tests.proofs.histories.firm import Firm, folder
from tests.proofs.histories.quick_account import ACCOUNT_ID, ADMINISTRATOR, QuickAccount
from tests.proofs.histories.staff import ACTORS
from tests.proofs.histories.words import rule

READ, WRITE = (f"arn:aws:iam::{ACCOUNT_ID}:policy/{name}" for name in ("read", "write"))
#: What is wrong with whom: an idle key of her own, a key that is off for long, policies of its own.
PROBLEMS = ("carol", "job-a", "job-b", "job-c")


@dataclass(frozen=True)
class Beginning:
    """Who is there with something wrong, the grace of the rule if there is one, and what was done.

    `rule_days` is None where people are asked about everything.
    """

    problems: tuple[str, ...] = PROBLEMS
    rule_days: int | None = None
    live: bool = True
    asked: bool = True

    def open(self) -> Firm:
        """A firm that begins so."""
        database, account, clock = self._played()
        firm = Firm()
        firm.take(database)
        firm.clock.now = clock
        firm.account.state, firm.account._given = deepcopy(account)
        if self.rule_days is not None:
            firm.words = replace(firm.words, remediation=rule(self.rule_days))
        return firm

    @cache  # noqa: B019 - kept for the whole process on purpose
    def _played(self):  # type: ignore[no-untyped-def]
        firm = Firm()
        firm.take(folder() / "template.db")
        populate(firm.account, self.problems)
        if self.rule_days is not None:
            firm.words = replace(firm.words, remediation=rule(self.rule_days))
        with firm.at_work() as one:
            one.service.scan(ACTORS["operator"], lambda _said: None)
            if self.live:
                one.service.go_live(ACCOUNT_ID, ACTORS["operator"])
            if self.asked:
                one.asker.ask(ACCOUNT_ID)
        if self.asked:
            firm.deliver()
            firm.pass_time(timedelta(minutes=2))
        kept = Path(shutil.copy(firm.path, folder() / f"beginning-{abs(hash(self))}.db"))
        return kept, (firm.account.state, firm.account._given), firm.clock.now


def populate(account: QuickAccount, problems: tuple[str, ...] = PROBLEMS) -> None:
    """Administrators, Locksmith itself, and users with something wrong about them."""
    long_ago = account.now - timedelta(days=400)
    idle, off = account.now - timedelta(days=100), account.now - timedelta(days=95)
    for arn, action in ((READ, "s3:GetObject"), (WRITE, "s3:PutObject")):
        statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
        account.policy(arn, {"Version": "2012-10-17", "Statement": [statement]})
    account.group("readers-and-writers", READ, WRITE)
    for name in ("adm1", "adm2", "glass"):
        account.user(name, created=long_ago, password=long_ago)
    account.group("administrators", ADMINISTRATOR).members += ["adm1", "adm2", "glass"]
    account.key("glass", created=long_ago, last_used=idle)
    account.user("locksmith", created=long_ago)
    for name in problems:
        owner = "carol" if name == "carol" else "ann"
        account.user(name, created=long_ago, tags={"owner": f"{owner}@example.com"})
        if name in ("carol", "job-a"):
            account.key(name, created=long_ago, last_used=idle)
        if name == "job-b":
            account.key(name, created=long_ago, last_used=idle, active=False, changed=off)
        if name == "job-c":
            account.state.users[name].attached += [READ, WRITE]
