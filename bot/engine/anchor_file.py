"""Anchors in a file: worth as much as the file is out of reach of who can write the database."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.errors import LocksmithError
from bot.model import Anchor, Found, Placed


class AnchorFileError(LocksmithError):
    """The file of anchors can't be read or written. The message says why."""


@dataclass(frozen=True, slots=True)
class FileTarget:
    """A file to which lines are appended; it is made with mode 0600 where there is none."""

    path: Path

    @property
    def name(self) -> str:
        """`file:/path`."""
        return f"file:{self.path}"

    def place(self, anchor: Anchor) -> str:
        """Append a line, and wait until it lasts. Raises AnchorFileError."""
        line = f"{anchor.text()}\n".encode()
        with self._told("written"):
            # Append-only also for the kernel (chattr +a); one write is one line.
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                if os.write(descriptor, line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(descriptor)
                at = os.fstat(descriptor).st_size - len(line)
            finally:
                os.close(descriptor)
        return f"byte {at}"

    def found(self, known: Sequence[Placed]) -> Sequence[Found]:  # noqa: ARG002 - the protocol's
        """Every line; none where the file is gone. Raises AnchorFileError, also without folder."""
        if not self.path.exists() and self.path.parent.is_dir():
            return []
        with self._told("read"):
            content = self.path.read_bytes()
        found, at = [], 0
        for line in content.splitlines(keepends=True):
            if line.strip():
                found.append(Found(line.decode(errors="replace").strip(), f"byte {at}"))
            at += len(line)
        return found

    def may_miss(self, placed: Placed, now: datetime) -> str | None:  # noqa: ARG002 - the same
        """A file forgets nothing by itself."""
        return None

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise AnchorFileError(
                f"the file of anchors {self.path} can't be {what}: {error.strerror}"
            ) from error
