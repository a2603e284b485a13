"""Every control keeps the contract; whoever adds one adds nothing here."""

import importlib
from types import ModuleType

import pytest

from bot import registry
from bot.aws.simulated import AccountBuilder
from bot.model import AnyControl, Manual, Plan
from tests.remediations import contract
from tests.remediations.renaming import PATH, SUFFIX, rename_all

CONTROLS = registry.discover()


def module_of(control: AnyControl) -> ModuleType:
    """The control's own test module, found by its name."""
    name = f"tests.remediations.{control.topic}.test_{control.id.replace('-', '_')}"
    return importlib.import_module(name)


every_control = pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS)


def test_there_are_controls() -> None:
    """Discovery that finds nothing would let every other test here pass."""
    assert len(CONTROLS) > 10


def test_every_practice_has_a_name() -> None:
    """Each folder says which best practice it stands for."""
    assert set(registry.practices()) == {control.topic for control in CONTROLS.values()}


@every_control
def test_file(control: AnyControl) -> None:
    """Pure, documented, with settings that say what they mean, and a test module with a seed."""
    contract.check_file(control)
    contract.check_settings(control.settings)
    assert list(registry.documentation(control)) == list(registry.HEADINGS)
    assert callable(module_of(control).seed)


#: What their names say is why they are found, or how they are mended.
KNOWN_BY_NAME = frozenset({"root-is-the-only-administrator", "shared-user", "user-without-owner"})
#: Policies of their seeds name them, as people write that: without a path.
NAMED_WITHOUT_A_PATH = frozenset(
    {"mfa-fence-no-longer-needed", "pass-role-without-service-condition"}
)


@every_control
def test_violation_is_found_fixed_and_taken_back(control: AnyControl) -> None:
    """Only this control fires on its seed; its plan is sound, fixes just that, and is undone.

    All this with every mark that AWS allows in the names and paths of what was seeded, which nobody
    is shown as anything but text; and none of it happens to whom the configuration protects.
    """

    def hostile(account: AccountBuilder, neighbours: frozenset[str]) -> None:
        suffix = "" if control.id in KNOWN_BY_NAME else SUFFIX
        path = "/" if control.id in NAMED_WITHOUT_A_PATH else PATH
        rename_all(account, neighbours, suffix=suffix, path=path)

    with contract.seeded(control, module_of(control), CONTROLS, hostile) as case:
        contract.check_evidence(case)
        contract.check_plan(case)
        contract.check_shown(case)
        contract.check_steady(case)
        contract.check_identity(case)
        if isinstance(case.fix, Plan):
            contract.check_protected(case)
        contract.check_effect(case)
        assert isinstance(case.fix, Manual) == (control.risk is None)


@pytest.mark.parametrize(
    "control",
    [pytest.param(each, id=name) for name, each in CONTROLS.items() if contract.day_limits(each)],
)
def test_limits(control: AnyControl) -> None:
    """A control with numbers in its settings finds nothing at its limit, and does beyond it."""
    contract.check_limits(control, module_of(control))


@pytest.mark.parametrize(
    "control",
    [pytest.param(each, id=name) for name, each in CONTROLS.items() if contract.plan_limits(each)],
)
def test_limits_of_plans(control: AnyControl) -> None:
    """A control whose plan turns on a number has one at its limit, and another one beyond it."""
    contract.check_plan_limits(control, module_of(control))
