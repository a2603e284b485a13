"""What people confirm, since AWS can't tell it: who keeps root, and that a policy was reviewed."""

from dataclasses import dataclass
from datetime import datetime

#: The control that asks for root's custody: its question is answered by confirming it.
ROOT_CUSTODY = "root-custody-unattested"
#: The control that asks for reviews: its question is answered by having looked.
POLICY_REVIEW = "policy-review-overdue"


@dataclass(frozen=True, slots=True)
class RootCustody:
    """The confirmations that an account's root user is in good hands.

    `confirmed` has the latest moment of each different person, newest first. `asked` is whether
    anybody is asked at all: not before the account went live.
    """

    asked: bool = False
    confirmed: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Attested:
    """What came of one person's word: how many different people have confirmed, and until when.

    `until` is when the confirmation runs out, None while a second person is missing.
    """

    account: str
    people: int
    until: datetime | None
