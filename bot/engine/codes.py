"""One-time codes: a second factor that does not come from Slack.

Slack's session alone would otherwise be enough to approve: it goes round the company's own MFA.
"""

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pyotp

from bot.errors import ConfigError, RefusedError, UsageError
from bot.store.database import Store, Transaction
from bot.store.once import note_wrong_code, use_code, wrong_codes

_ISSUER = "Locksmith"
_STEP = 30  # seconds, RFC 6238's default, and what every authenticator app assumes
_MOST_WRONG = 5
_WITHIN = timedelta(minutes=10)


@dataclass(slots=True)
class Codes:
    """Checks the codes of people whose secrets are in a file that Locksmith alone may read.

    People go by the id of their Slack user. The file is read anew at every check, so that
    enrolling needs no restart. Secrets stay in this class.
    """

    path: Path
    clock: Callable[[], datetime]
    new_secret: Callable[[], str] = pyotp.random_base32

    def enrol(self, person: str) -> "Enrolment":
        """A new secret for a person, in force once it was verified by a code and saved."""
        return Enrolment(self, person, self.new_secret())

    def remove(self, person: str) -> None:
        """Forget a person's secret. Raises UsageError where there is none."""
        known = self._read()
        if known.pop(person, None) is None:
            raise UsageError(f"{person} is not enrolled")
        self._write(known)

    def people(self) -> tuple[str, ...]:
        """Who is enrolled."""
        return tuple(sorted(self._read()))

    def check(self, store: Store, person: str, code: str) -> "Checked":
        """Whether this is a code of the person's now. Raises RefusedError that says why not.

        It counts once `Checked.use` was called in a transaction; call this in none. After five
        wrong ones in ten minutes none is taken for ten minutes, by whatever process.
        """
        secret = self._read().get(person)
        if secret is None:
            raise RefusedError(
                "this needs a one-time code, and you are not enrolled",
                hint=f"An operator enrols you: `locksmith codes enrol {person}`.",
            )
        with store.write() as tx:  # one writer at a time: nobody guesses between look and note
            if _is_guessing(tx, person):
                refusal, step = "too many wrong one-time codes; try again in ten minutes", None
            else:
                refusal = "this one-time code is wrong or too old; nothing was decided"
                step = _step_of(secret, code, tx.now)
                if step is None:
                    note_wrong_code(tx, person)
        if step is None:  # raised only now, since what was noted must stay
            raise RefusedError(refusal)
        return Checked(person, step)

    def _read(self) -> dict[str, str]:
        try:
            found = self.path.stat()
            if found.st_mode & 0o077:
                raise ConfigError(
                    f"others may read {self.path}, which holds the secrets of one-time codes",
                    hint=f"chmod 600 {self.path}, and enrol everyone anew.",
                )
            known = json.loads(self.path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            # Not chained, and without the error's own words: they may quote the file.
            raise ConfigError(
                f"{self.path} can't be read as secrets of one-time codes: {type(error).__name__}"
            ) from None
        return {str(name): str(secret) for name, secret in known.items()}

    def _write(self, known: dict[str, str]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(beside, flags, 0o600), "w", encoding="ascii") as file:
            json.dump(known, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)

    def save(self, person: str, secret: str) -> None:
        """Keep a verified secret; `Enrolment.save` calls this."""
        self._write({**self._read(), person: secret})


@dataclass(frozen=True, slots=True)
class Checked:
    """A right code that was not used yet."""

    person: str
    step: int

    def use(self, tx: Transaction) -> None:
        """Use it up. Raises RefusedError where it was used before."""
        if not use_code(tx, self.person, self.step):
            raise RefusedError("this one-time code was used already; wait for the next one")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret that is not in force yet; never printed but through `uri`."""

    codes: Codes
    person: str
    _secret: str = field(repr=False)

    @property
    def uri(self) -> str:
        """What an authenticator app scans; it holds the secret."""
        return pyotp.TOTP(self._secret).provisioning_uri(name=self.person, issuer_name=_ISSUER)

    def verify(self, code: str) -> None:
        """Raise RefusedError unless this is the code that the secret gives now."""
        if _step_of(self._secret, code, self.codes.clock()) is None:
            raise RefusedError("this is not the code that the new secret gives now; not enrolled")

    def save(self) -> None:
        """Put the secret in force; `Service.enrol` logs it before."""
        self.codes.save(self.person, self._secret)


def _is_guessing(tx: Transaction, person: str) -> bool:
    """Whether so many wrong codes were given for this person that none is taken at present."""
    wrong = wrong_codes(tx, person, _MOST_WRONG)
    if len(wrong) < _MOST_WRONG:
        return False
    return wrong[0] - wrong[-1] <= _WITHIN and tx.now - wrong[0] <= _WITHIN


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is: the present one, or one beside it. Constant time."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit()):
        return None
    present = int(now.timestamp()) // _STEP
    otp = pyotp.TOTP(secret, interval=_STEP)
    found = None
    for step in (present - 1, present, present + 1):
        if secrets.compare_digest(otp.generate_otp(step), digits):
            found = step
    return found
