"""When members of groups last used the services that their policies allow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LastAccess:
    """What AWS's last-accessed reports say of users, and who joined a group lately.

    `services` maps a user's unique id to the services that the user's policies allow, by namespace
    (`s3`), with the last attempt to use each: None where AWS knows none in its tracking period. A
    service that is not there is one of which nothing is known. `joined` maps a user's and a group's
    name to when the user was last added, as far as CloudTrail remembers it (90 days).
    """

    services: Mapping[str, Mapping[str, datetime | None]]
    joined: Mapping[tuple[str, str], datetime]
