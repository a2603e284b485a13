"""Controls are found without a list, and their settings are read strictly."""

from typing import Any

import pytest

from bot import registry
from bot.errors import ConfigError
from bot.model import Control


def _by_id(**config: Any) -> dict[str, registry.Enabled]:
    raw = {name.replace("_", "-"): settings for name, settings in config.items()}
    return {each.control.id: each for each in registry.controls(raw)}


def test_controls_are_found_in_the_order_of_their_ids() -> None:
    """Each under its own id, each once."""
    found = registry.discover()
    assert list(found) == sorted(found)
    assert all(
        isinstance(control, Control) and control.id == name for name, control in found.items()
    )
    assert {"unused-access-key", "weak-password-policy", "root-access-key"} <= set(found)


#: Controls that ask AWS for what costs time or calls, and so are off until someone wants them.
OPT_IN = {
    "access-analyzer-missing",
    "access-key-used-from-instance",
    "access-without-source-ip-or-org-condition",
    "alarm-nobody-hears",
    "bucket-policy-without-secure-transport",
    "bucket-without-access-logging",
    "config-recorder-off",
    "config-recorder-without-iam-types",
    "credentials-in-function-environment",
    "credentials-in-user-data",
    "distribution-without-logging",
    "instance-profile-with-admin",
    "instance-without-profile",
    "launch-template-without-instance-profile",
    "needed-action-denied",
    "public-bucket-policy-or-acl",
    "queue-or-topic-policy-without-secure-transport",
    "security-event-without-alarm",
    "stale-group-membership",
    "trail-bucket-public",
    "trail-bucket-without-access-logging",
    "trail-not-encrypted",
    "trail-not-in-cloudwatch-logs",
    "unused-access-analyzer-findings",
    "unused-action-permissions",
    "unused-service-permissions",
}


def test_all_are_on_with_their_defaults() -> None:
    """Without a word in the configuration."""
    enabled = _by_id()
    assert set(enabled) == set(registry.discover()) - OPT_IN
    for each in enabled.values():
        assert each.settings == each.control.settings()


def test_settings_are_those_of_the_configuration() -> None:
    """A control can be changed, or switched off; the others stay as they are."""
    enabled = _by_id(unused_access_key={"days": 30}, old_access_key={"enabled": False})
    assert enabled["unused-access-key"].settings.model_dump() == {"enabled": True, "days": 30}
    assert "old-access-key" not in enabled
    assert len(enabled) == len(registry.discover()) - 1 - len(OPT_IN)


def test_an_empty_section_means_the_defaults() -> None:
    """YAML reads a key without a value as null."""
    assert _by_id(unused_access_key=None) == _by_id()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        pytest.param(
            {"unused_acces_key": {}}, "did you mean `unused-access-key`?", id="unknown control"
        ),
        pytest.param(
            {"zzz": {}}, "unused-access-key, unused-action-permissions", id="nothing like it"
        ),
        pytest.param(
            {"unused_access_key": {"day": 30}}, "did you mean `days`?", id="unknown setting"
        ),
        pytest.param(
            {"unused_access_key": {"days": "30"}}, "must be a whole number", id="wrong type"
        ),
        pytest.param({"unused_access_key": {"days": 0}}, "must be at least 1", id="out of range"),
        pytest.param(
            {"unused_access_key": {"enabled": "no"}}, "must be true or false", id="not a bool"
        ),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(config: dict[str, Any], said: str) -> None:
    """And where it stands, as far as the caller knows."""
    with pytest.raises(ConfigError) as caught:
        _by_id(**config)
    assert said in str(caught.value)
    assert "locksmith controls" in caught.value.hint


def test_the_place_of_a_mistake_is_the_callers_to_name() -> None:
    """The configuration knows file and line."""

    def where(at: tuple[str | int, ...]) -> str:
        return f"config.yaml, line {len(at)}"

    with pytest.raises(ConfigError, match=r"^config.yaml, line 3: `controls.old-access-key.day`"):
        registry.controls({"old-access-key": {"day": 1}}, where=where)
    with pytest.raises(
        ConfigError, match=r"^config.yaml, line 2: `controls\.[^`]+`: no such control"
    ):
        registry.controls({"old-key": {}}, where=where)


def test_documentation_has_a_text_for_each_heading() -> None:
    """In their order, without the underlines."""
    for control in registry.discover().values():
        sections = registry.documentation(control)
        assert tuple(sections) == registry.HEADINGS
        assert all(text and "---" not in text for text in sections.values())


def test_practices_have_the_names_of_their_folders() -> None:
    """One line each, without a full stop."""
    practices = registry.practices()
    assert practices["rotation"] == "Rotate credentials regularly"
    assert set(practices) == {control.topic for control in registry.discover().values()}
