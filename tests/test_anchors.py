"""Anchors as the configuration wants them: each place, the signer, and the keys that count."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.anchors import Anchors
from bot.aws.key_signing import KmsSigner
from bot.config import AuditSettings, Config
from bot.engine.anchor_checking import Standing
from bot.engine.anchor_file import FileTarget
from bot.engine.signing import fingerprint, new_key
from bot.errors import ConfigError, UsageError
from bot.main import Application
from bot.store.database import Store
from tests.conftest import StandingClock
from tests.store.samples import ALICE

PLACES = [
    {"s3": {"bucket": "iam-anchors", "prefix": "x/"}},
    {"cloudwatch_logs": {"group": "g", "stream": "s"}},
    {"slack": {"channel": "C0123456789"}},
    {"file": {"path": "/anchors"}},
]


def never(*_: object) -> Any:
    raise AssertionError("nobody was to be asked")


def made(store: Store, clock: StandingClock, **settings: Any) -> Anchors:
    def in_slack(channel: str) -> Any:
        return FileTarget(Path(channel))

    read = AuditSettings.model_validate(settings)
    return Anchors(read, lambda: store, never, in_slack, clock)


def test_each_place_is_there_and_nobody_is_asked_yet(
    sqlite_store: Store, clock: StandingClock
) -> None:
    anchors = made(sqlite_store, clock, anchors=PLACES)

    names = [each.name for each in anchors.placing.targets]

    assert names == ["s3://iam-anchors/x/", "logs:g:s", "file:C0123456789", "file:/anchors"]
    assert anchors.every == timedelta(hours=1)


@pytest.mark.parametrize("ask", [lambda one: one.placing, lambda one: one.checking])
def test_without_a_place_the_setting_is_named(
    sqlite_store: Store, clock: StandingClock, ask: Callable[[Anchors], object]
) -> None:
    anchors = made(sqlite_store, clock)

    assert anchors.every is None
    with pytest.raises(UsageError) as caught:
        ask(anchors)
    assert "audit.anchors" in caught.value.hint


def test_on_request_only(sqlite_store: Store, clock: StandingClock) -> None:
    assert made(sqlite_store, clock, anchors=PLACES, anchor_every_hours=None).every is None


def test_who_signs(sqlite_store: Store, clock: StandingClock) -> None:
    private, public = new_key()

    local = made(sqlite_store, clock, signing={"private_key": private}).signer
    kms = made(sqlite_store, clock, signing={"kms_key": "alias/anchors"}).signer

    assert local is not None
    assert local.public_key() == public
    assert isinstance(kms, KmsSigner)
    assert made(sqlite_store, clock).signer is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"anchors": [{}]}, "exactly one of"),
        ({"anchors": [PLACES[0] | PLACES[1]]}, "exactly one of"),
        ({"signing": {"private_key": "x", "kms_key": "y"}}, "only one of them can sign"),
        ({"anchors": [{"file": {"path": "relative"}}]}, "pattern"),
        ({"anchors": [{"slack": {"channel": "general"}}]}, "channel"),
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        AuditSettings.model_validate(settings)


def test_the_keys_that_are_named_count_and_no_other(
    sqlite_store: Store, clock: StandingClock, tmp_path: Path
) -> None:
    private, public = new_key()
    other = new_key()[1]
    (tmp_path / "other.pub").write_text(other)
    place = {"file": {"path": str(tmp_path / "anchors")}}
    with sqlite_store.write() as tx:
        tx.record("test.written", actor=ALICE)

    own = made(sqlite_store, clock, anchors=[place], signing={"private_key": private})
    own.placing.anchor()
    elsewhere = made(
        sqlite_store,
        clock,
        anchors=[place],
        signing={"private_key": private, "public_keys": [str(tmp_path / "other.pub")]},
    )

    assert own.checking.check().standings() == {Standing.FITS}
    assert own.checking.check().signatures
    assert elsewhere.checking.check().standings() == {Standing.NOT_TOLD}
    assert fingerprint(public) in (tmp_path / "anchors").read_text()


def test_a_public_key_that_cant_be_read_is_named(sqlite_store: Store, clock: StandingClock) -> None:
    signing = {"public_keys": ["/nowhere/anchors.pub"]}
    anchors = made(sqlite_store, clock, anchors=PLACES[-1:], signing=signing)

    with pytest.raises(ConfigError, match=r"/nowhere/anchors\.pub can't be read: No such file"):
        anchors.checking.check()


def test_the_application_has_them(sqlite_url: str, tmp_path: Path) -> None:
    """Without credentials of AWS or a token of Slack, as for a file."""
    settings = {
        "database": {"url": sqlite_url},
        "audit": {"anchors": [{"file": {"path": str(tmp_path / "anchors")}}]},
    }
    with closing(Application(Config.model_validate(settings))) as app:
        with app.store.write() as tx:
            tx.record("test.written", actor=ALICE)
        (noted,) = app.anchors.placing.anchor()

        assert noted.placed is not None
        assert app.anchors.checking.check().standings() == {Standing.FITS}


def test_a_channel_without_a_token_is_told(sqlite_url: str) -> None:
    settings = {"database": {"url": sqlite_url}, "audit": {"anchors": PLACES[2:3]}}

    with (
        closing(Application(Config.model_validate(settings))) as app,
        pytest.raises(ConfigError, match="no token for Slack"),
    ):
        _ = app.anchors.placing
