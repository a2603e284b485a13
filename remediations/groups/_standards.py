"""Where the catalogues ask for users' rights to come from groups."""

from bot.model import Standards

STANDARDS = Standards(
    cis={"3.0": ("1.15",), "5.0": ("1.14",), "7.0": ("2.13",)},
    fsbp=("IAM.2",),
    nist=("AC-2", "AC-2(1)", "AC-3", "AC-3(7)", "AC-3(15)", "AC-6", "AC-6(3)"),
    pci=("7.2.1", "7.2.2"),
)
