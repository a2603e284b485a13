"""Credentials, region, network and configuration that don't work: said, and nothing is lost."""

import socket
from pathlib import Path

import pytest

from tests.e2e.clouds import KEYS, Cloud
from tests.e2e.commands import Locksmith, nothing_lost
from tests.e2e.conftest import asked


@pytest.fixture
def nobody_listens() -> str:
    """An address on this machine where nothing answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


class TestAws:
    """Exit code 3, and what was remembered can still be looked at."""

    def test_no_credentials(self, locksmith: Locksmith) -> None:
        """The way to sign in is told; what is remembered needs none."""
        signed_out = locksmith.but(*KEYS)

        with nothing_lost(locksmith):
            signed_out("scan").failed(3, "no usable AWS credentials")
            assert signed_out.json("findings")["findings"]

    def test_half_of_the_credentials(self, locksmith: Locksmith) -> None:
        """A key id without its secret is none."""
        with nothing_lost(locksmith):
            locksmith.but("AWS_SECRET_ACCESS_KEY")("scan").failed(3, "AWS_SECRET_ACCESS_KEY")

    def test_an_unknown_profile(self, locksmith: Locksmith) -> None:
        """Its name is said."""
        with nothing_lost(locksmith):
            locksmith("--profile", "audti", "scan").failed(3, "audti")

    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("ExpiredToken", "expired"),
            ("InvalidClientTokenId", "does not know these credentials"),
            ("SignatureDoesNotMatch", "signature"),
            ("AccessDenied", "GetCallerIdentity"),
        ],
    )
    def test_refused_at_the_door(
        self, code: str, said: str, locksmith: Locksmith, cloud: Cloud
    ) -> None:
        """What AWS says of the credentials, in words, before anything else is asked."""
        cloud.fault("sts:GetCallerIdentity", f"error:{code}")

        with nothing_lost(locksmith):
            locksmith("scan").failed(3, said)

        assert set(cloud.counts()) == {"sts:GetCallerIdentity"}

    def test_expired_before_the_change(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """The session ends while looking: nothing is claimed, and the approval stands."""
        question = asked(locksmith, "asked")
        locksmith.json("approve", question["id"], "--digest", question["digest"])
        cloud.fault("iam:GetRole", "error:ExpiredToken", nth=2)

        with nothing_lost(locksmith):
            locksmith("apply", question["id"]).failed(3, "expired")

        assert cloud.writes() == []
        cloud.heal()
        assert locksmith.json("plan", question["id"])["proposal"]["state"] == "approved"

    def test_expired_at_the_change(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """The call itself is refused: failed, exit code 3, and AWS's word on why."""
        question = asked(locksmith, "asked")
        locksmith.json("approve", question["id"], "--digest", question["digest"])
        cloud.fault("iam:UpdateAssumeRolePolicy", "error:ExpiredToken")

        with nothing_lost(locksmith):
            (failed,) = locksmith.json("apply", question["id"], code=3)["executions"]

        assert failed["state"] == "failed"
        assert "ExpiredToken" in failed["why"]
        cloud.heal()
        assert cloud.writes() == []

    def test_a_region_that_there_is_not(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """The nearest thing to say is which one is meant."""
        with nothing_lost(locksmith):
            locksmith("--region", "mars-north-1", "scan").failed(3, "mars-north-1")

        assert cloud.counts() == {}

    def test_an_endpoint_where_nobody_listens(
        self, locksmith: Locksmith, nobody_listens: str
    ) -> None:
        """The address is told, soon."""
        away = locksmith.but(AWS_ENDPOINT_URL=nobody_listens)

        with nothing_lost(locksmith):
            away("scan").failed(3, "could not be reached", nobody_listens)

    def test_an_endpoint_that_is_not_this_machine(self, locksmith: Locksmith) -> None:
        """Credentials go to AWS or to this machine, nowhere else."""
        away = locksmith.but(AWS_ENDPOINT_URL="http://aws.example.com")

        with nothing_lost(locksmith):
            away("scan").failed(2, "aws.example.com")


CONFIGURATIONS = {
    "not-yaml": ("inventory: [1,\n", ("line",)),
    "tab": ("inventory:\n\tnaming_budget: 5\n", ("line 2",)),
    "not-a-mapping": ("- inventory\n", ("line 1", "section")),
    "twice": ("scan:\n  fail_on: high\nscan:\n  fail_on: low\n", ("line 3", "scan")),
    "unknown-section": ("inventry:\n  naming_budget: 5\n", ("line 1", "`inventory`")),
    "unknown-key": ("inventory:\n  naming_budgte: 5\n", ("line 2", "`naming_budget`")),
    "wrong-kind": ("inventory:\n  naming_budget: many\n", ("line 2", "naming_budget")),
    "below-none": ("inventory:\n  naming_budget: -1\n", ("line 2", "naming_budget")),
    "unknown-word": ("scan:\n  fail_on: severe\n", ("line 2", "critical")),
    "unknown-control": (
        "controls:\n  unused-acces-key:\n    days: 5\n",
        ("line 2", "`unused-access-key`"),
    ),
    "unknown-setting": (
        "controls:\n  unused-access-key:\n    dyas: 5\n",
        ("line 3", "`days`"),
    ),
    "setting-of-another-kind": (
        "controls:\n  unused-access-key:\n    days: soon\n",
        ("line 3", "days"),
    ),
    "password": ("database:\n  url: postgresql://me:hush-hush-1@db/x\n", ("line 2", "password")),
}


class TestConfiguration:
    """Exit code 2 with file and line; nothing else happens."""

    @pytest.mark.parametrize(
        ("words", "name"),
        [*(("scan", name) for name in CONFIGURATIONS), ("config validate", "unknown-setting")],
    )
    def test_a_mistake(self, words: str, name: str, locksmith: Locksmith, cloud: Cloud) -> None:
        """The file, the line, and what was probably meant."""
        text, said = CONFIGURATIONS[name]
        file = locksmith.folder / "mine.yaml"
        file.write_text(text)
        before = locksmith.database.read_bytes()

        outcome = locksmith("--config", str(file), *words.split())

        outcome.failed(2, str(file), *said, hint=False)
        assert "hush-hush-1" not in outcome.err
        assert locksmith.database.read_bytes() == before
        assert cloud.counts() == {}

    def test_a_file_that_is_not_there(self, unsigned: Locksmith) -> None:
        """It is named."""
        unsigned("--config", "nowhere.yaml", "scan").failed(2, "nowhere.yaml", hint=False)

        assert not unsigned.database.exists()

    def test_a_file_in_place_is_found(self, locksmith: Locksmith) -> None:
        """`locksmith.yaml` of the folder counts, so its mistakes do too."""
        (locksmith.folder / "locksmith.yaml").write_text("scna: {}\n")

        locksmith("findings").failed(2, "locksmith.yaml, line 1", "`scan`", hint=False)

    @pytest.mark.parametrize(
        ("variable", "value", "said"),
        [
            ("LOCKSMITH_INVENTORY__NAMING_BUDGTE", "5", "LOCKSMITH_INVENTORY__NAMING_BUDGET"),
            ("LOCKSMITH_INVENTORY_NAMING_BUDGET", "5", "two underscores"),
            ("LOCKSMITH_INVENTORY__NAMING_BUDGET", "many", "LOCKSMITH_INVENTORY__NAMING_BUDGET"),
            ("LOCKSMITH_CONTROLS__UNUSED_ACCES_KEY", "{}", "unused-access-key"),
        ],
    )
    def test_a_variable(
        self, variable: str, value: str, said: str, locksmith: Locksmith, cloud: Cloud
    ) -> None:
        """The variable is named as the place."""
        locksmith.but(**{variable: value})("scan").failed(2, variable, said, hint=False)

        assert cloud.counts() == {}

    def test_what_it_says_is_done(self, locksmith: Locksmith, tmp_path: Path) -> None:
        """A control switched off isn't evaluated, and its findings don't count as mended."""
        locksmith.json("scan")  # some things are asked only once an account is live
        before = locksmith.json("findings")["findings"]
        file = tmp_path / "mine.yaml"
        file.write_text("controls:\n  wildcard-trust-policy:\n    enabled: false\n")

        scan = locksmith.json("--config", str(file), "scan")

        assert scan["resolved"] == 0
        assert "wildcard-trust-policy" not in {each["control"] for each in scan["findings"]}
        assert len(locksmith.json("findings")["findings"]) == len(before)
