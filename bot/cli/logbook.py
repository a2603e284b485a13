"""What a long-running command writes while it works: one line for each thing, on stderr."""

import logging
import sys
import time

from bot.cli.faults import redacted

_FORMAT = "%(asctime)s %(levelname)-7s %(message)s"
_VERBOSE_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class _Line(logging.Formatter):
    """Times in UTC; secrets that the environment holds never come out."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        """The line, or several with a traceback."""
        return redacted(super().format(record))


def start_logging(verbose: int) -> None:
    """Write what Locksmith logs to stderr; with -v in detail, of libraries only what is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    line = _Line(_VERBOSE_FORMAT if verbose else _FORMAT)
    line.converter = time.gmtime
    handler.setFormatter(line)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("bot").setLevel(logging.DEBUG if verbose else logging.INFO)
    if not verbose:
        # A role that can't be assumed: a page of traceback, of what we say in a sentence.
        logging.getLogger("botocore.credentials").setLevel(logging.ERROR)
