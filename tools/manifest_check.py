"""Checks the Slack app's manifests against Slack's own types, with TypeScript's compiler.

`make slack-manifest` installs both. Reads slack-manifest.yaml, and the manifest for HTTP mode.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from bot.slack.manifest import manifest_text

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "tools/manifest"
SOURCE = PLACE / "build/manifests.ts"

_IMPORT = 'import type { Manifest } from "@slack/web-api/dist/types/request/manifest";\n'
_OPTIONS = (
    "--noEmit", "--strict", "--skipLibCheck", "--moduleResolution", "bundler", "--module", "esnext",
)  # fmt: skip


def source(manifests: dict[str, Any]) -> str:
    """TypeScript that is right when each manifest, by its name, is one of Slack's."""
    constants = (
        f"export const {name}: Manifest = {json.dumps(value, indent=2)};\n"
        for name, value in manifests.items()
    )
    return _IMPORT + "".join(constants)


def main() -> int:
    """The compiler's exit code; what it finds it prints."""
    SOURCE.parent.mkdir(exist_ok=True)
    SOURCE.write_text(
        source(
            {
                "socket": yaml.safe_load((ROOT / "slack-manifest.yaml").read_text()),
                "http": yaml.safe_load(manifest_text("https://locksmith.example.com")),
            }
        )
    )
    compiler = PLACE / "node_modules/.bin/tsc"
    return subprocess.run([compiler, *_OPTIONS, SOURCE], cwd=PLACE, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
