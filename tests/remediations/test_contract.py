"""Every control keeps the contract; whoever adds one adds nothing here."""

import importlib
from types import ModuleType

import pytest

from bot import registry
from bot.aws.simulated import AccountBuilder
from bot.model import AnyControl, Manual, Plan
from tests.remediations import contract
from tests.remediations.renaming import SUFFIX, rename

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


@every_control
def test_violation_is_found_fixed_and_taken_back(control: AnyControl) -> None:
    """Only this control fires on its seed; its plan is sound, fixes just that, and is undone."""
    with contract.seeded(control, module_of(control), CONTROLS) as case:
        contract.check_evidence(case)
        contract.check_plan(case)
        contract.check_steady(case)
        contract.check_identity(case)
        contract.check_effect(case)
        assert isinstance(case.fix, Manual) == (control.risk is None)


#: What their names say is why they are found, or how settings name them.
FOUND_BY_NAME = frozenset({"root-is-the-only-administrator", "shared-user"})
#: What its seed has stands in a policy with the user's ARN, bad marks and all.
NAMED_IN_A_POLICY = frozenset({"mfa-fence-no-longer-needed"})


@pytest.mark.parametrize(
    "control",
    [
        pytest.param(each, id=name)
        for name, each in CONTROLS.items()
        if each.topic in contract.PEOPLE
    ],
)
def test_whoever_they_are_called_and_whoever_is_protected(control: AnyControl) -> None:
    """With every mark that AWS allows in names and paths it is the same violation and fix.

    None of it happens to whom the configuration protects.
    """

    def hostile(account: AccountBuilder, neighbours: frozenset[str]) -> None:
        seeded = set() if control.id in NAMED_IN_A_POLICY else account.iam.users.keys()
        for name in sorted(seeded - neighbours):
            new = name if control.id in FOUND_BY_NAME else name + SUFFIX
            rename(account, name, new[:64])

    with contract.seeded(control, module_of(control), CONTROLS, hostile) as case:
        contract.check_evidence(case)
        contract.check_plan(case)
        if isinstance(case.fix, Plan):
            contract.check_protected(case)
        contract.check_effect(case)


@pytest.mark.parametrize(
    "control",
    [pytest.param(each, id=name) for name, each in CONTROLS.items() if contract.day_limits(each)],
)
def test_limits(control: AnyControl) -> None:
    """A control with numbers in its settings finds nothing at its limit, and does beyond it."""
    contract.check_limits(control, module_of(control))
