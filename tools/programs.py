"""`python -m tools.programs npm chromium`: makes sure that these programs are there.

On Debian and its kin root installs what is missing; anybody else is told what to install. Needs
nothing but Python.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

#: Debian's packages by the program they bring.
PACKAGES = {
    "npm": ("nodejs", "npm"),
    "chromium": ("chromium", "fonts-noto-color-emoji"),
    "unshare": ("util-linux",),
}


def missing_packages(programs: Sequence[str]) -> list[str]:
    """Debian's packages for those that aren't on PATH."""
    absent = [each for each in programs if shutil.which(each) is None]
    return [package for each in absent for package in PACKAGES[each]]


def main(programs: Sequence[str]) -> None:
    """Install or say what to install. Raises SystemExit when something stays missing."""
    packages = missing_packages(programs)
    if not packages:
        return
    installer = shutil.which("apt-get")
    if os.geteuid() != 0 or installer is None:
        sys.exit(f"missing; install with your system's package manager: {' '.join(packages)}")
    quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run([installer, "-q", *words], check=True, env=quietly, stdout=sys.stderr)
    if missing_packages(programs):
        sys.exit(f"installed, but still not on PATH: {' '.join(programs)}")


if __name__ == "__main__":
    main(sys.argv[1:])
