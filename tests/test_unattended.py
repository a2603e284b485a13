"""What the settings mean to acting by itself, and which ones could never mean anything."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot import registry
from bot.config import Config
from bot.engine.remediation import RemediationRule, RemediationRules
from bot.errors import ConfigError
from bot.model import Grace, Occasion, RemediationMode, Risk
from bot.unattended import limits, remediation_rules, timetable

SANDBOX, PROD = "111122223333", "444455556666"
ACCOUNTS = [
    {"id": SANDBOX, "groups": ["sandbox"]},
    {"id": PROD, "name": "prod", "role": f"arn:aws:iam::{PROD}:role/locksmith"},
]
AUTO = {
    "name": "sandbox-keys",
    "match": {"controls": ["unused-access-key"], "accounts": ["group:sandbox"]},
    "mode": "auto",
    "grace": "5 working days",
    "unused_days": 45,
}


def config(*rules: Any, mode: str = "ask", **more: Any) -> Config:
    return Config.model_validate(
        {"accounts": ACCOUNTS, "remediation": {"mode": mode, "rules": list(rules)}, **more}
    )


def read(*rules: Any, mode: str = "ask", **more: Any) -> RemediationRules:
    return remediation_rules(config(*rules, mode=mode, **more), registry.discover())


def test_a_rule_is_read() -> None:
    assert read(AUTO, mode="notify") == RemediationRules(
        RemediationMode.NOTIFY,
        (
            RemediationRule(
                "sandbox-keys",
                RemediationMode.AUTO,
                frozenset({"unused-access-key"}),
                frozenset({SANDBOX}),
                grace=Grace(working_days=5),
                max_risk=Risk.REVERSIBLE,
            ),
        ),
        frozenset(each.id for each in registry.discover().values() if each.adds_rights),
        frozenset({"service-trust-without-source-condition", "unused-access-analyzer-findings"}),
    )


def test_without_accounts_an_id_is_taken_as_it_is() -> None:
    (rule,) = read({**AUTO, "match": {**AUTO["match"], "accounts": [SANDBOX]}}, accounts=[]).rules

    assert rule.accounts == {SANDBOX}


def matching(**match: Any) -> dict[str, Any]:
    return {**AUTO, "match": {**AUTO["match"], **match}}


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([matching(controls=["unused-acces-key"])], "no control is called unused-acces-key"),
        ([matching(accounts=["group:lab"])], "no account is in group:lab"),
        ([matching(accounts=["999999999999"])], "999999999999 is not among `accounts`"),
        ([matching(controls=None)], "names its controls"),
        ([{**AUTO, "grace": None}], "says its grace"),
        ([matching(controls=["inactive-access-key"])], "are irreversible"),
        (
            [{**matching(controls=["inactive-access-key"]), "max_risk": "irreversible"}],
            "can't be undone: name it here",
        ),
        ([matching(controls=["wildcard-trust-policy"])], "are disruptive"),
        ([matching(controls=["root-access-key"])], "people fix root-access-key by hand"),
        (
            [matching(controls=["service-trust-without-source-condition"])],
            "may break what nobody foresees, so people approve them",
        ),
        ([matching(controls=["shared-user"])], "fixes of shared-user give someone rights"),
        (
            [{**AUTO, "allow_irreversible": ["inactive-access-key"]}],
            "not about inactive-access-key",
        ),
        (
            [{**AUTO, "allow_irreversible": ["unused-access-key"]}],
            "it takes max_risk: irreversible",
        ),
        ([{**AUTO, "mode": "ask"}], "grace means something for mode auto only"),
        ([{"name": "a", "mode": "off", "undo_on_harm": True}], "undo_on_harm means something"),
        ([AUTO, AUTO], "another rule has this name"),
        ([{"name": "all", "mode": "off"}, AUTO], "rule all before it takes all of that"),
        (
            [
                {"name": "a", "mode": "off", "match": {"controls": ["unused-access-key"]}},
                AUTO,
            ],
            "rule a before it takes all of that",
        ),
    ],
)
def test_what_could_never_match_or_act_is_a_mistake(rules: list[Any], said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        read(*rules)


@pytest.mark.parametrize(
    ("control", "setting", "days", "least", "fine"),
    [
        pytest.param("unused-access-key", "days", None, None, False, id="the defaults"),
        pytest.param("unused-access-key", "days", 99, None, False, id="just below"),
        pytest.param("unused-access-key", "days", 100, None, True, id="at a hundred"),
        pytest.param("unused-access-key", "days", None, 45, True, id="the rule says so"),
        pytest.param("unused-access-key", "days", 44, 45, False, id="below what the rule says"),
        pytest.param("never-used-access-key", "days", None, None, False, id="never used"),
        pytest.param("second-active-key-unused", "days", None, None, False, id="second key"),
        pytest.param("old-access-key", "days", 100, None, False, id="the age is another setting"),
        pytest.param("old-access-key", "idle_days", 100, None, True, id="old and idle"),
        pytest.param("policy-attached-to-user", "", None, None, True, id="about no unused thing"),
    ],
)
def test_unused_keys_are_left_to_programs_of_each_quarter(
    control: str, setting: str, days: int | None, least: int | None, fine: bool
) -> None:
    """A rule that acts takes nothing that was unused for less than 100 days, unless told so."""
    rule = {**matching(controls=[control]), "max_risk": "disruptive"}
    rule = {key: each for key, each in rule.items() if key != "unused_days"}
    settings = {} if days is None else {control: {setting: days}}
    if least is not None:
        rule["unused_days"] = least
    if fine:
        assert read(rule, controls=settings).rules
    else:
        with pytest.raises(ConfigError, match=rf"takes what was unused .* needs {least or 100}:"):
            read(rule, controls=settings)


def test_narrower_before_wider_is_none() -> None:
    wider = {"name": "all", "mode": "off"}

    assert [each.name for each in read(AUTO, wider).rules] == ["sandbox-keys", "all"]


def test_a_final_fix_that_every_word_allows() -> None:
    rule = {
        **matching(controls=["inactive-access-key"]),
        "max_risk": "irreversible",
        "allow_irreversible": ["inactive-access-key"],
    }

    assert read(rule).rules[0].allow_irreversible == {"inactive-access-key"}


def test_limits_are_read() -> None:
    window = {
        "accounts": ["group:sandbox"],
        "hours": "10:00-12:00",
        "days": ["mon"],
        "zone": "Europe/Berlin",
        "holidays": ["2026-12-25"],
    }
    found = limits(config(limits={"per_day": 3, "canary_wait_hours": 2, "windows": [window]}))

    assert (found.per_day, found.canary_wait) == (3, timedelta(hours=2))
    (one,) = found.windows
    assert one.accounts == {SANDBOX}
    assert (one.begins.hour, one.ends.hour, one.days) == (10, 12, {0})
    assert (one.zone, set(one.holidays)) == ("Europe/Berlin", {date(2026, 12, 25)})


NIGHTLY = {"accounts": ["group:sandbox"], "cron": "30 1 * * *", "zone": "Europe/Berlin"}
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_schedules_come_before_the_hours_between_scans() -> None:
    found = timetable(config(schedules=[NIGHTLY], scan={"every_hours": 12}))
    assert found.after(SANDBOX, NOON) == datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
    assert found.after(PROD, NOON) == datetime(2026, 11, 25, tzinfo=UTC)
    on_request = timetable(config(schedules=[NIGHTLY], scan={"every_hours": None}))
    assert on_request.after(PROD, NOON) is None


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ({}, "either every_hours or cron"),
        ({"every_hours": 6, "cron": "0 0 * * *"}, "either every_hours or cron"),
        ({"every_hours": 1, "jitter_minutes": 31}, "at most half"),
        ({"every_hours": 0.1}, "greater than or equal"),
        ({"cron": "0 0 30 2 *"}, "never comes"),
        ({"cron": "0 0 * * 1"}, "weekdays go by name"),
        ({"cron": "every day"}, "five fields"),
        ({"cron": "0 0 * * *", "zone": "Nowhere/City"}, "time zone"),
        ({"accounts": ["group:none"], "every_hours": 6}, "no account is in group:none"),
        ({"what": "digests", "accounts": [PROD], "every_hours": 6}, "for scans only"),
        ({"what": "lunches", "every_hours": 6}, "Input should be"),
    ],
)
def test_a_schedule_that_could_never_be_kept_is_a_mistake(
    schedule: dict[str, Any], said: str
) -> None:
    with pytest.raises((ValueError, ConfigError), match=said):
        timetable(config(schedules=[schedule]))


def test_what_else_comes_at_times_has_one_schedule_each() -> None:
    morning = {"what": "digests", "cron": "0 9 * * mon-fri"}
    found = timetable(config(schedules=[morning, {"what": "checks", "every_hours": 2}]))

    assert set(found.others) == {Occasion.DIGESTS, Occasion.CHECKS}
    assert found.turn(Occasion.DIGESTS, "own", NOON) == datetime(2026, 11, 25, 9, tzinfo=UTC)
    with pytest.raises(ConfigError, match="digests have a schedule already"):
        timetable(config(schedules=[morning, morning]))
