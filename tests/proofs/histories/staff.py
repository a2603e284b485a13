"""The people of the firm: who they are in its chat workspace, and how they act."""

from collections.abc import Mapping

from bot.model import Actor
from tests.engine.fake_directory import TEAM, FakeDirectory, person, private_channel

CHANNEL, SECURITY = "C0SECURITY", "S0SECURITY"

#: Everyone who ever tries to decide, by a short name.
ACTORS: Mapping[str, Actor] = {
    "operator": Actor("local", "operator@desk"),
    "sec": Actor("slack", f"{TEAM}/USEC"),
    "sec-at-a-terminal": Actor("local", "sec@desk"),
    "second": Actor("slack", f"{TEAM}/USECOND"),
    "ann": Actor("slack", f"{TEAM}/UANN"),
    "carol": Actor("slack", f"{TEAM}/UCAROL"),
    "ben": Actor("slack", f"{TEAM}/UBEN"),
    "guest": Actor("slack", f"{TEAM}/UGUEST"),
    "stranger": Actor("slack", "T0OTHER/USEC"),
    "nobody": Actor("slack", f"{TEAM}/UNOBODY"),
    "robot": Actor("slack", f"{TEAM}/UROBOT"),
}
#: Who is one person by two names.
PERSON_OF = {"local:operator@desk": "operator", "local:sec@desk": "sec", "slack:USEC": "sec"}


def workspace() -> FakeDirectory:
    """Two people of the security group, owners, and those who have no say."""
    return FakeDirectory(
        [
            person("USEC", email="sec@example.com"),
            person("USECOND", email="second@example.com"),
            person("UANN", email="ann@example.com"),
            person("UCAROL", email="carol@example.com"),
            person("UBEN", email="ben@example.com"),
            person("UGUEST", guest=True),
            person("UROBOT", bot=True),
        ],
        groups={SECURITY: ("USEC", "USECOND", "UGUEST", "UROBOT")},
        channels=[private_channel(CHANNEL)],
    )
