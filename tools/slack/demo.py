"""`make slack-demo`: the bot and a simulated account, in a Slack whose buttons people can click."""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bot.aws.simulated.server import start
from bot.demo import BREAK_GLASS
from tools.slack.bot import Bot, bot_in
from tools.slack.emulator import EmulatorError, emulator

_START_SECONDS = 60.0
WORDS = """
  Slack is at      {page}
  Act as           Amara Okafor or Jonas Lindqvist: they are the security team.
                   Priya Raman, Tomasz Nowak and Chen Wei own things.
  Look at          #iam-security and the direct messages, where owners are asked.
  Click            Approve on a card; watch the message turn into Done, with Undo on it.
  Type             /locksmith help
  Home             Locksmith, under Apps: what waits for whoever you act as.
  What it does     {log}
  AWS is           simulated; nothing real is touched. Ctrl-C ends everything.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Start all three, and keep them until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=12, help="people of the simulated company")
    parser.add_argument("--port", type=int, default=0, help="where the page is; 0 takes any")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="locksmith-slack-demo-"))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        with (
            emulator("socket", port=options.port) as slack,
            start(users=options.users, now=None) as cloud,
            bot_in(slack, cloud, folder, break_glass=[BREAK_GLASS]) as bot,
        ):
            _say("Starting the bot, and looking at the account …")
            go_live(bot, cloud.account_id)
            _say(WORDS.format(page=slack.page_url, log=folder / "serve.log"))
            return bot.process.wait()
    except EmulatorError as error:
        _say(f"error: {error}")
        return 3
    except KeyboardInterrupt:
        _say("Stopped.")
        return 0


def go_live(bot: Bot, account: str) -> None:
    """Confirm the account once it was looked at. Raises EmulatorError with the bot's last words."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and bot.process.poll() is None:
        if bot.run("go-live", account).returncode == 0:
            return
        time.sleep(0.5)
    raise EmulatorError(f"the bot did not start:\n{bot.log}")


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
