"""Someone sits at a terminal: shown the plan, asked, and taken at their word."""

import os
import pty
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.e2e.clouds import Cloud
from tests.e2e.commands import Locksmith
from tests.e2e.conftest import asked


@dataclass(frozen=True)
class Conversation:
    """What was on the terminal, and how it ended."""

    code: int
    text: str


def converse(locksmith: Locksmith, answer: str, *words: str) -> Conversation:
    """Carry out a command at a terminal and type `answer` once it asks."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.main", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=locksmith.folder,
        env={**locksmith.variables(), "TERM": "dumb", "COLUMNS": "200"},
        start_new_session=True,
    )
    os.close(theirs)
    said = b""
    try:
        while part := read(ours):
            said += part
            if answer and (b"[y/N] " in said or b"Type " in said.rpartition(b"\n")[2]):
                os.write(ours, f"{answer}\n".encode())
                answer = ""
        return Conversation(process.wait(timeout=30), said.decode())
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def read(terminal: int) -> bytes:
    """What comes next; nothing once nobody is at the other end."""
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux's way to say that the other end was closed
        return b""


@pytest.mark.parametrize("answer", ["y", "Yes", " yes "])
def test_a_yes(answer: str, locksmith: Locksmith, cloud: Cloud) -> None:
    """The plan with its digest comes first; the yes is for that digest."""
    question = asked(locksmith, "kept")

    said = converse(locksmith, answer, "approve", question["id"])

    assert said.code == 0, said
    before, _, _ = said.text.partition("[y/N]")
    assert question["digest"] in before
    assert "UpdateAssumeRolePolicy" in before
    assert locksmith.json("plan", question["id"])["proposal"]["state"] == "approved"
    assert cloud.writes() == []


@pytest.mark.parametrize("answer", ["n", "maybe", "\x04", "yy"], ids=["n", "maybe", "end", "yy"])
def test_anything_else(answer: str, locksmith: Locksmith) -> None:
    """It is no yes, and said so: exit code 5, and the question stays."""
    question = asked(locksmith, "kept")

    said = converse(locksmith, answer, "approve", question["id"])

    assert said.code == 5, said
    assert "not a yes" in said.text
    assert locksmith.json("plan", question["id"])["proposal"]["state"] == "proposed"


@pytest.mark.parametrize(("right", "code"), [(True, 0), (False, 5)], ids=["name", "y"])
def test_what_cannot_be_undone(
    right: bool, code: int, company_seen: Locksmith, company: Cloud
) -> None:
    """A y is not enough: the resource's name is to be typed."""
    company_seen.json("go-live", company.account)
    finding = company_seen.finding("inactive-access-key", "svc-reports")
    name = finding["resource"]["name"]

    said = converse(company_seen, name if right else "y", "approve", finding["id"])

    assert said.code == code, said
    assert "can't be undone" in said.text
    assert company.writes() == []
