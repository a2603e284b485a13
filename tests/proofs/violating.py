"""Keeps an account full of violations, past its API: what was dealt with goes, and more comes."""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.aws.simulated import AccountBuilder
from tests.slack.double import User

READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
GROUP = "readers"
#: Seconds until a key that nobody switched off may go too: one with each change, since what is
#: asked in vain fills everyone's newest messages where a machine is slow, and nobody decides.
_OLD = 25.0
#: Seconds between two changes; a report that is written anew all the time is never read.
_TURN = 4.0
_SETTLED = 12.0  # seconds in which what was switched off can be taken back


@dataclass
class Violating:
    """Users of these owners: some with an idle key at a time, some with a policy of their own.

    `most` is how many users with a policy there are in the end.
    """

    account: AccountBuilder
    owners: Sequence[User]
    chances: random.Random
    most: int = 60
    each: int = 4
    _keys: dict[str, tuple[str, float]] = field(default_factory=dict)
    _off: dict[str, float] = field(default_factory=dict)
    _readers: int = 0
    trouble: list[BaseException] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def seed(self) -> None:
        """Two administrators, a group, and what each owner begins with."""
        account = self.account
        for name in ("adm1", "adm2"):
            account.user(name)
            account.password(name, last_used=account.ago(days=1))
            account.mfa(name)
            account.attach("AdministratorAccess", user=name)
        account.group(GROUP)
        account.attach(READ, group=GROUP)
        for owner in self.owners:
            for number in range(self.each):
                self._add_user(f"{owner.name}-{number}")
            self._add_reader(owner)

    def begin(self) -> None:
        """Begin to change things behind everyone's back, a little at a time."""
        self._thread = threading.Thread(target=self._run, name="violations")
        self._thread.start()

    def end(self) -> None:
        """Change nothing more. Raises what stopped it before."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.check()

    def check(self) -> None:
        """Raise what stopped it: without new violations nobody has anything to do."""
        for error in self.trouble:
            raise error

    def _run(self) -> None:
        try:
            while not self._stop.wait(_TURN):
                self._turn()
        except BaseException as error:  # noqa: BLE001 - raised again by `check`
            self.trouble.append(error)

    def _turn(self) -> None:
        for name in self._dealt_with():
            self._renew(name)
        if self._readers < self.most:
            self._add_reader(self.chances.choice(self.owners))
        self.account.forget_report()

    def _dealt_with(self) -> list[str]:
        """Whose key was switched off a while ago; and who has had an old one for the longest."""
        now = time.monotonic()
        settled, standing = [], []
        for name, (key_id, since) in self._keys.items():
            if self.account.iam.access_keys[key_id].status == "Inactive":
                self._off.setdefault(key_id, now)
            if key_id not in self._off:
                standing.append((since, name))
            elif now - self._off[key_id] > _SETTLED:
                settled.append(name)
        longest, name = min(standing, default=(now, ""))
        return [*settled, name] if now - longest > _OLD else settled

    def _renew(self, name: str) -> None:
        """Another user in the place of one."""
        self.account.iam.delete_access_key(self._keys[name][0], name)
        self.account.iam.delete_user(name)
        self._add_user(name)

    def _add_user(self, name: str) -> None:
        """Someone new each time: of a known user, a key that is old already can't be a new one."""
        owner = next(each for each in self.owners if each.name == name.partition("-")[0])
        self.account.user(name, tags=self._tags(owner), created=self.account.ago(days=400))
        self._add_key(name)

    def _add_key(self, name: str) -> None:
        account = self.account
        key_id = account.key(name, created=account.ago(days=80), last_used=account.ago(days=70))
        self._keys[name] = key_id, time.monotonic()

    def _add_reader(self, owner: User) -> None:
        self._readers += 1
        name = f"reader-{self._readers}"
        self.account.user(name, tags=self._tags(owner), created=self.account.ago(days=400))
        self.account.attach(READ, user=name)

    @staticmethod
    def _tags(owner: User) -> dict[str, str]:
        return {"owner": owner.email, "team": "data"}
