"""The real AWS CLI, as people install it."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

AWS = Path(sys.executable).with_name("aws")


def aws(environ: Mapping[str, str], *words: str) -> str:
    """What `aws` prints; it must succeed."""
    done = subprocess.run([AWS, *words], env=dict(environ), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def asked_aws(environ: Mapping[str, str], *words: str) -> Any:
    """What `aws … --output json` answers."""
    return json.loads(aws(environ, *words, "--output", "json"))
