"""`python -m bot.aws.simulated`: serve a simulated account until told to stop.

Prints one line of JSON when it is ready: endpoint_url, account_id, pid and environment.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from datetime import datetime

from bot.aws.simulated.in_process import DEFAULT_ACCOUNT
from bot.aws.simulated.seed import DEFAULT_SEED, DEFAULT_USERS
from bot.aws.simulated.server import start


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m bot.aws.simulated", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--users", type=int, default=DEFAULT_USERS)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument(
        "--clean", action="store_true", help="a company that does all as AWS recommends it"
    )
    parser.add_argument(
        "--founder", action="store_true", help="a company that only its root user administers"
    )
    parser.add_argument("--latency-ms", type=float, default=0.0, help="slept before each call")
    parser.add_argument("--account", default=DEFAULT_ACCOUNT, help="twelve digits")
    parser.add_argument(
        "--now",
        type=datetime.fromisoformat,
        help="hold the account's clock at this moment, such as 2026-11-24T12:00:00Z",
    )
    options = parser.parse_args(arguments)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with start(
        users=options.users,
        seed=options.seed,
        now=options.now,
        port=options.port,
        latency=options.latency_ms / 1000,
        account_id=options.account,
        clean=options.clean,
        founder=options.founder,
    ) as served:
        ready = {
            "endpoint_url": served.endpoint_url,
            "account_id": served.account_id,
            "pid": os.getpid(),
            "environment": served.environment(),
        }
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        stopping.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
