"""What can happen at any moment, also in the middle of an execution."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta

from bot.engine.recovery import recover
from bot.errors import LocksmithError
from bot.worker import Worker
from tests.proofs.histories.at_the_end import OUTSIDERS
from tests.proofs.histories.firm import Firm
from tests.proofs.histories.ledger import Question
from tests.proofs.histories.quick_account import ACCOUNT_ID, ADMINISTRATOR
from tests.proofs.histories.rights import person
from tests.proofs.histories.staff import ACTORS, SECURITY
from tests.proofs.histories.witness import Witness
from tests.proofs.histories.words import OTHER


class Interrupted(BaseException):
    """Someone pressed Ctrl-C."""


#: Where something can come in between, by the executor's names for it.
ANY_TIME = (
    "leased", "claimed", "between-steps", "before-intent", "after-intent", "after-call",
    "after-answer", "after-settled", "before-done", "after-done", "recovered-step",
)  # fmt: skip
#: Where the account may be changed by others: not between the look and the call, which nobody can
#: tell apart from after it.
BETWEEN_LOOKS = ("leased", "claimed", "between-steps", "after-settled", "after-done")

EDITS = OUTSIDERS
STAFF = ("staff leaves", "staff deactivated", "owner changes", "staff comes back")
#: What can happen while a process is at work, at any of its places.
ALWAYS = (
    "denied", "denied", "paused", "paused", "stop file", "the other one works", "overtaken",
    "overtaken", "killed", "interrupted", "tampered",
)  # fmt: skip
IN_BETWEEN = (*EDITS, *STAFF)
EVERYTHING = (
    *EDITS, *STAFF, "tampered", "tampered", "old tampered", "old tampered", "stop file",
    "workspace silent", "reads refused", "carried on",
)  # fmt: skip


class Happenings:
    """Lets things happen to a firm."""

    def __init__(self, firm: Firm, witness: Witness) -> None:
        self.firm = firm
        self.witness = witness
        self.paused_by = ""

    def happen(
        self, what: str, *, which: int = 0, about: Question | None = None, process: str = "one"
    ) -> None:
        """Something happens. `about` is which question it is about, `process` who is at work."""
        self.witness.happened[what] += 1
        questions = self.witness.ledger.open_questions()
        asked = about or (questions[which % len(questions)] if questions else None)
        other = "two" if process == "one" else "one"
        deeds: Mapping[str, Callable[[], object]] = {
            "denied": lambda: self._deny_what_is_under_way(asked),
            "paused": lambda: self.pause_or_resume("second"),
            "stop file": self._stop_file,
            "the other one works": lambda: self._work(other),
            "overtaken": lambda: self._overtake(other),
            "killed": self.firm.kill,
            "interrupted": self._interrupt,
            "tampered": lambda: self._tamper(asked, which),
            "old tampered": lambda: self._tamper(self._closed(which), which),
            "workspace silent": self._silence,
            "reads refused": lambda: self._refuse_reads(which),
        }
        if what in deeds:
            deeds[what]()
        else:
            whom = asked.user if asked else "job-a"
            self._edit(what, whom)
            self._staff(what, whom)

    def _closed(self, which: int) -> Question | None:
        """A question that was carried out."""
        done = self.witness.ledger.open_questions("done", "failed")
        return done[which % len(done)] if done else None

    def _deny_what_is_under_way(self, asked: Question | None) -> None:
        under_way = self.witness.ledger.open_questions("executing", "approved")
        for question in (under_way or [asked])[:1]:
            if question is not None:
                self.deny(question, "second")

    @staticmethod
    def _interrupt() -> None:
        raise Interrupted

    def _silence(self) -> None:
        """The workspace doesn't answer, or does so again."""
        self.firm.directory.down = not self.firm.directory.down
        self.firm.silent = "no answer" if self.firm.directory.down else None

    def deny(self, asked: Question, name: str) -> None:
        """Someone says no."""
        may = self.witness.rights.may_keep(name, asked)
        with suppress(LocksmithError), self.firm.at_work("clicks") as at:
            at.service.deny(asked.id, "no", ACTORS[name])
            if not may:
                self.witness.complain(f"{name} was let deny {asked.id}")

    def pause_or_resume(self, name: str) -> None:
        """Someone stops every write, or lets them go on."""
        frozen = self.witness.ledger.is_frozen()
        with suppress(LocksmithError), self.firm.at_work("clicks") as at:
            if frozen:
                at.service.resume(ACTORS[name])
                if _who(name) == _who(self.paused_by):
                    self.witness.complain(f"{name} had stopped writes, and let them go on")
            else:
                at.service.pause("an incident", ACTORS[name])
                self.paused_by = name
            if not self.witness.rights.is_security(name):
                self.witness.complain(f"{name} was let stop writes, or let them go on")

    def configure(self, change: str, user: str) -> None:
        """The configuration says something else; what was decided is judged by the old one."""
        self.witness.look()
        before = self.firm.words.remediation
        self.firm.configure(OTHER[change](self.firm.words, user))
        if self.firm.words.remediation != before:
            self.witness.reconfigured()

    def be_careful(self, care: str, asked: Question) -> None:
        """More care than before, about one question."""
        match care:
            case "protect":
                self.firm.configure(OTHER["protected"](self.firm.words, asked.user))
            case "lower limits":
                self.firm.configure(OTHER["nothing allowed"](self.firm.words, asked.user))
            case "freeze":
                with suppress(LocksmithError), self.firm.at_work("clicks") as at:
                    at.service.pause("an incident", ACTORS["operator"])
            case "staff leaves":
                self._staff("staff deactivated", asked.user)

    def _stop_file(self) -> None:
        if self.firm.stop_file.exists():
            self.firm.stop_file.unlink()
        else:
            self.firm.stop_file.touch()

    def _work(self, process: str) -> None:
        with self.firm.at_work(process) as at:
            Worker(at.service, lambda: (ACCOUNT_ID,), self.firm.clock).run_once()

    def _overtake(self, process: str) -> None:
        """Who is at work stands still until its lease has run out, and another one goes on."""
        span = timedelta(minutes=10)
        self.witness.passes(span, awake=False)
        self.firm.clock.now += span
        with suppress(LocksmithError), self.firm.at_work(process) as at:
            recover(at.executor, at.executor.ports.connection.account, ACTORS["operator"])
        self._work(process)

    def _tamper(self, asked: Question | None, which: int) -> None:
        """Someone who can write to the database changes a question's row."""
        if asked is None or not asked.steps:
            return
        self.witness.tampered.add(asked.id)
        other = asked.text
        for question in self.witness.ledger.questions.values():
            if question.id != asked.id and question.steps:
                other = question.text
        turned = asked.text.replace('"Inactive"', '"?"').replace('"Active"', '"Inactive"')
        changes = (
            ("plan", other),
            ("plan", turned.replace('"?"', '"Active"')),
            ("plan", asked.text.replace(asked.user, "adm1")),
            ("plan", _worse(asked.text)),
            ("plan", _worse(asked.text)),
            ("state", "approved"),
            ("digest", "sha256:" + "1" * 64),
        )
        column, value = changes[which % len(changes)]
        with closing(sqlite3.connect(self.firm.path)) as books, suppress(sqlite3.Error), books:
            books.execute(f"UPDATE proposal SET {column} = ? WHERE id = ?", (value, asked.id))  # noqa: S608 - columns of ours

    def _refuse_reads(self, which: int) -> None:
        names = (
            "ListAccessKeys",
            "GetUser",
            "GetCredentialReport",
            "GetAccountAuthorizationDetails",
        )
        refused, name = self.firm.wire.refused, names[which % len(names)]
        refused.symmetric_difference_update({name})

    def _edit(self, what: str, user: str) -> None:
        """Someone changes the account."""
        account = self.firm.account
        known = account.state.users.get(user)
        key = known.keys[0] if known and known.keys else None
        match what:
            case "key turned" if key is not None:
                account.turn(key.id, active=not key.active)
            case "key used" if key is not None:
                account.use(key.id)
            case "user made again":
                account.make_again(user)
            case "user removed":
                account.remove(user)
            case "policies changed" if known is not None and known.attached:
                known.attached.pop()
            case "carried on" if known is not None:
                account.key(user, created=account.now - timedelta(days=200))

    def _staff(self, what: str, user: str) -> None:
        """People come and go."""
        directory, account = self.firm.directory, self.firm.account
        match what:
            case "staff leaves":
                directory.groups[SECURITY] -= {"USEC"}
            case "staff deactivated":
                directory.put(replace(directory.members["USEC"], deactivated=True))
                directory.put(replace(directory.members["UANN"], deactivated=True))
            case "staff comes back":
                directory.groups[SECURITY] |= {"USEC"}
                for user_id in ("USEC", "UANN"):
                    directory.put(replace(directory.members[user_id], deactivated=False))
            case "owner changes" if user in account.state.users:
                account.state.users[user].tags["owner"] = "ben@example.com"


def _worse(text: str) -> str:
    """A plan that looks at the same, and does something else."""
    plan = json.loads(text)
    for step in plan["steps"][:1]:
        params = step["do"]["params"]
        if "Status" in params:
            params["Status"] = "Active" if params["Status"] == "Inactive" else "Inactive"
        if "GroupName" in params:
            params["GroupName"] = "administrators"
        if "PolicyArn" in params:
            params["PolicyArn"] = ADMINISTRATOR
        elif "Status" not in params and "AccessKeyId" in params:
            params["AccessKeyId"] = "AKIA" + "9" * 16
    return json.dumps(plan)


def _who(name: str) -> str:
    return person(ACTORS[name].kind, ACTORS[name].name) if name else ""
