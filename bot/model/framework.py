"""Auditors' catalogues, and what a control is called in each."""

import re
from enum import StrEnum

from bot.model.control import Standards


class Framework(StrEnum):
    """A catalogue of requirements, by the name that `--framework` takes."""

    CIS_3 = "cis-3.0"
    CIS_5 = "cis-5.0"
    CIS_7 = "cis-7.0"
    FSBP = "fsbp"
    NIST = "nist-800-53-r5"
    PCI = "pci-4.0"

    @property
    def full_name(self) -> str:
        """What auditors call it."""
        return _TITLES[self]


_TITLES = {
    Framework.CIS_3: "CIS AWS Foundations Benchmark 3.0",
    Framework.CIS_5: "CIS AWS Foundations Benchmark 5.0",
    Framework.CIS_7: "CIS AWS Foundations Benchmark 7.0",
    Framework.FSBP: "AWS Foundational Security Best Practices",
    Framework.NIST: "NIST SP 800-53 Revision 5",
    Framework.PCI: "PCI DSS 4.0",
}
_CIS = (Framework.CIS_3, Framework.CIS_5, Framework.CIS_7)
_PARTS = re.compile(r"\d+|\D+")


def numbers_in(standards: Standards, framework: Framework) -> tuple[str, ...]:
    """The requirements of a framework that a control is about; empty where there is none."""
    match framework:
        case Framework.FSBP:
            return standards.fsbp
        case Framework.NIST:
            return standards.nist
        case Framework.PCI:
            return standards.pci
    return standards.cis.get(_version(framework), ())


def dropped_from(standards: Standards, framework: Framework) -> str:
    """Where an earlier edition had what this one dropped: `1.12 of CIS 5.0`; empty otherwise."""
    if framework not in _CIS or numbers_in(standards, framework):
        return ""
    for earlier in reversed(_CIS[: _CIS.index(framework)]):
        numbers = numbers_in(standards, earlier)
        if numbers:
            return f"{', '.join(numbers)} of CIS {_version(earlier)}"
    return ""


def in_order(number: str) -> tuple[tuple[int, int | str], ...]:
    """A key that sorts `1.9` before `1.10`, and `IAM.9` before `IAM.22`."""
    parts = _PARTS.findall(number)
    return tuple((0, int(each)) if each.isdigit() else (1, each) for each in parts)


def _version(framework: Framework) -> str:
    return framework.value.rpartition("-")[2]
