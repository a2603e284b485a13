"""Nothing that AWS's document asks for has no control, and no control is without a place."""

import pytest

from bot import registry
from tools.coverage_page import SECTIONS, Section

#: Sections in which everything is there; another one would say what is missing.
WHOLE = (
    "access_levels",
    "ec2_roles",
    "delegation",
    "groups",
    "individual_users",
    "least_privilege",
    "managed_policies",
    "mfa",
    "monitoring",
    "password_policy",
    "policy_conditions",
    "root_account",
    "rotation",
    "unused_credentials",
)


@pytest.mark.parametrize("section", [each for each in SECTIONS if each.topic in WHOLE])
def test_no_hole(section: Section) -> None:
    controls = registry.discover()
    named = [*section.beyond, *(each for ask in section.asks for each in ask.controls)]

    assert all(ask.controls for ask in section.asks)
    assert [each for each in named if each not in controls] == []


def test_every_control_has_its_place() -> None:
    named = {
        each
        for section in SECTIONS
        for each in (*section.beyond, *(id_ for ask in section.asks for id_ in ask.controls))
    }
    assert sorted(registry.discover().keys() - named) == []


def test_every_topic_is_a_section() -> None:
    assert registry.practices().keys() <= {each.topic for each in SECTIONS}
