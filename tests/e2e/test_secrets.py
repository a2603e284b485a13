"""What is secret is nowhere but in the environment: not on a stream, in the database or its log."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.e2e.clouds import Cloud
from tests.e2e.commands import Locksmith, Outcome
from tests.e2e.conftest import asked

KEY = "c4n4ry/Secret+Access+Key/of+forty+chars/"
TOKEN = "c4n4ryToken" * 20
PASSWORD = "c4n4ry-p4ssw0rd"  # it looks like one
SECRETS = (KEY, TOKEN, PASSWORD)


def shows_nothing(outcome: Outcome) -> Outcome:
    """The outcome, if no secret is in it."""
    for secret in SECRETS:
        assert secret not in outcome.out
        assert secret not in outcome.err
    return outcome


@pytest.fixture
def careful(locksmith: Locksmith) -> Iterator[Locksmith]:
    """A shell with secrets in its environment, and files that must not have them at the end."""
    yield locksmith.but(AWS_SECRET_ACCESS_KEY=KEY, AWS_SESSION_TOKEN=TOKEN)
    for path in locksmith.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(secret.encode() in content for secret in SECRETS), path


def test_through_the_whole_loop(careful: Locksmith, cloud: Cloud) -> None:
    """Said at length, approved, applied, undone, exported: no word of the credentials."""
    question = asked(careful, "secret")
    for words in (
        ("-v", "scan"),
        ("-v", "plan", question["id"]),
        ("-v", "approve", question["id"], "--digest", question["digest"]),
        ("-vv", "apply", question["id"]),
        ("-v", "undo", question["id"], "--yes"),
        ("-v", "config", "validate", "--output", "json"),
        ("audit", "export"),
    ):
        assert shows_nothing(careful(*words)).code == 0
    assert len(cloud.writes()) == 2


@pytest.mark.parametrize(
    "fault", ["SignatureDoesNotMatch", "ExpiredToken", "AccessDenied", "Ünknown"]
)
def test_when_aws_refuses(fault: str, careful: Locksmith, cloud: Cloud) -> None:
    """An error tells of the call, not of what signed it."""
    cloud.fault("*", f"error:{fault}")

    outcome = shows_nothing(careful("-v", "scan"))

    assert outcome.code == 3, outcome


def test_when_nobody_answers(careful: Locksmith) -> None:
    """Nor does an endpoint that is down."""
    away = careful.but(AWS_ENDPOINT_URL="http://127.0.0.1:9")

    assert shows_nothing(away("-v", "scan")).code == 3


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{PASSWORD}@127.0.0.1:9/locksmith?connect_timeout=2",
        f"postgresql+nothing://me:{PASSWORD}@127.0.0.1:9/locksmith",
        f"mysql://me:{PASSWORD}@127.0.0.1:9/locksmith",
        f"postgresql://me:{PASSWORD}@127.0.0.1:port/locksmith",
        f"postgresql:/me:{PASSWORD}@127.0.0.1/locksmith",
    ],
)
@pytest.mark.parametrize(
    "words",
    [("-v", "findings"), ("-v", "db", "current"), ("-v", "db", "upgrade", "--output", "json")],
    ids=lambda words: " ".join(words),
)
def test_the_database_s_password(words: tuple[str, ...], url: str, careful: Locksmith) -> None:
    """A database that can't be had is named without its password."""
    outcome = shows_nothing(careful.but(LOCKSMITH_DATABASE__URL=url)(*words))

    assert outcome.code in (2, 3), outcome
    assert "error: " in outcome.err


def test_a_password_in_a_file_of_its_own(careful: Locksmith, cloud: Cloud) -> None:
    """The variable may name a file that holds the URL."""
    secret = careful.folder / "url"
    secret.write_text(f"postgresql://me:{PASSWORD}@127.0.0.1:9/locksmith?connect_timeout=2\n")
    named = replace(careful.but(LOCKSMITH_DATABASE__URL_FILE=str(secret)), names_database=False)

    outcome = shows_nothing(named("-v", "findings"))
    secret.unlink()

    assert outcome.code == 3, outcome


def test_what_was_called_is_said(locksmith: Locksmith, cloud: Cloud) -> None:
    """`-v` tells each operation and how often it was called, and what it waits for."""
    outcome = locksmith("-v", "scan")

    assert "Asking for the credential report" in outcome.err
    for operation in ("iam:GetAccountAuthorizationDetails", "iam:GetCredentialReport"):
        assert operation in outcome.out
        assert operation not in locksmith("scan").out
