"""The whole loop on a simulated account: scan, plan, ask, apply, prove, undo, prove, audit."""

import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import RenderableType
from rich.rule import Rule
from rich.text import Text

from bot.cli.screen import Screen
from bot.engine.executor import VerifySettings
from bot.engine.service import Service
from bot.engine.views import FindingView, ProposalView, ScanResult
from bot.errors import ExitCode, LocksmithError, UsageError
from bot.model import Actor, ExecutionRecord, FindingStatus, Manual, Plan, ProposalState, Risk
from bot.reports.audit_text import audit_table
from bot.reports.execution_text import execution_lines
from bot.reports.finding_text import resource_name
from bot.reports.plan_text import plan_lines
from bot.reports.scan_text import scan_lines
from bot.reports.terminal import styled
from bot.reports.words import counted

#: One finding of each of these is shown with its plan, in this order, where the account has it.
TELLING = (
    "unused-access-key",
    "console-user-without-mfa",
    "weak-password-policy",
    "policy-attached-to-user",
    "no-multi-region-trail",
    "inactive-access-key",
)


#: The simulated company's identity for emergencies, as its configuration would name it.
BREAK_GLASS = "arn:aws:iam::*:user/emergency/*"

#: The simulated account answers at once, so there is no need to wait between looks.
QUICK_LOOKS = VerifySettings(reads=2, interval=0.05, patience=5)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the loop is played: a service over the simulated account, in front of a screen."""

    service: Service
    actor: Actor
    screen: Screen
    clock: Callable[[], datetime]

    def say(self, *lines: RenderableType) -> None:
        """Show lines to whoever watches."""
        self.screen.present(lines)

    def say_whole(self, *lines: str) -> None:
        """Show lines that are copied: as long as they are, with no break inside a command."""
        console = self.screen.err if self.screen.json else self.screen.out
        for line in lines:
            console.print(styled(line), soft_wrap=True)

    def title(self, text: str) -> None:
        """The heading of the next act."""
        self.screen.present(["", Rule(styled(text, "bold"), align="left", characters="─")])

    def progress(self, text: str) -> None:
        """Say what is being waited for."""
        self.screen.present([styled(f"  {text} …", "dim")])


@contextmanager
def simulated_account(users: int) -> Iterator[tuple[Mapping[str, str], str]]:
    """A filled simulated account: its environment for AWS tools, and its endpoint.

    Raises UsageError where the extra that brings moto isn't installed.
    """
    try:
        from bot.aws.simulated import server
    except ImportError as error:
        raise UsageError(
            "the simulated account needs moto, which isn't installed",
            hint="pip install 'iam-locksmith[demo]'",
        ) from error
    with server.start(users=users, now=None) as account:
        yield account.environment(), account.endpoint_url


def point_at(environment: Mapping[str, str]) -> None:
    """Let this process, and what it starts, talk to the simulated account and to nothing else."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(environment)


def new_database() -> Path:
    """Where this demo remembers; each has a folder of its own, kept for looking around."""
    return Path(tempfile.mkdtemp(prefix="locksmith-demo-")) / "locksmith.db"


def play(stage: Stage, database: Path) -> ExitCode:
    """Play every act; whether all that was claimed turned out true.

    Raises what the service raises: a demo that fails says so.
    """
    stage.title("Scan: read-only, in few calls")
    first = stage.service.scan(stage.actor, stage.progress)
    stage.say(*scan_lines(first, stage.clock()))

    stage.title("Go live: until someone confirms the account, nothing may be changed in it")
    stage.service.go_live(first.account.id, stage.actor)
    stage.say(styled(f"{stage.actor} confirmed account {first.account.id}."))

    done = [execution for view in telling(first) if (execution := fix(stage, view)) is not None]

    stage.title("Scan again: is it true?")
    second = stage.service.scan(stage.actor, stage.progress)
    stage.say(Text(f"{counted(len(second.findings), 'finding')}, from {len(first.findings)}."))
    still_there = [execution for execution in done if not prove(stage, execution, second)]
    proved = not still_there

    if done:
        stage.title("Undo one, and prove that too")
        proved = undo(stage, done[0]) and proved

    stage.title("The audit trail")
    stage.say(*audit_table(stage.service.audit_events(limit=14), stage.clock()))
    verdict = stage.service.audit_verify()
    whole = "is whole" if verdict.ok else f"is broken: {verdict.problem}"
    stage.say(Text(f"\n{counted(verdict.events, 'event')}; the chain {whole}."))
    stage.say_whole(
        f"The database is {database}",
        f"Look around: locksmith --db sqlite:///{database} findings",
    )
    return ExitCode.FINE if proved and verdict.ok else ExitCode.TROUBLE


def telling(result: ScanResult) -> Sequence[FindingView]:
    """The findings whose plans say most about Locksmith: one of each telling control."""
    chosen: list[FindingView] = []
    for control in TELLING:
        with_plan = [
            view
            for view in result.findings
            if view.record.finding.control == control
            and view.proposal is not None
            and isinstance(view.proposal.plan, Plan)
            and view.asks_elsewhere is None
        ]
        chosen.extend(with_plan[:1])
    return chosen


def fix(stage: Stage, seen: FindingView) -> ExecutionRecord | None:
    """Show one plan, ask, and where the answer is yes carry it out."""
    finding = seen.record.finding
    stage.title(f"{finding.control}: {resource_name(finding.resource)}")
    with stage.screen.progress() as progress:
        view = stage.service.refresh(seen.record.id, stage.actor, progress)
    proposal = view.proposal
    if view.record.status is not FindingStatus.OPEN or proposal is None:
        stage.say(Text("Looking again, AWS no longer shows it."))
        return None
    stage.say(styled(f"{finding.summary}."), Text(""))
    stage.say(*plan_lines(proposal.plan, digest=proposal.digest))
    if not wanted(stage, proposal.plan):
        return None
    return carry_out(stage, stage.service.proposal(proposal.id))


def wanted(stage: Stage, plan: Plan | Manual) -> bool:
    """Ask at a terminal; without one, yes to what is reversible, and say so."""
    if stage.screen.can_ask:
        return stage.screen.ask("Approve and apply this plan?")
    reversible = isinstance(plan, Plan) and plan.risk is Risk.REVERSIBLE
    said = (
        "Nobody to ask here: the demo approves what is reversible."
        if reversible
        else "Nobody to ask here, and this is not reversible: left alone."
    )
    stage.say("", Text(said, "yellow"))
    return reversible


def carry_out(stage: Stage, view: ProposalView) -> ExecutionRecord | None:
    """Approve exactly what was shown and apply it; a refusal is told and the demo goes on."""
    proposal = view.proposal
    stage.service.approve(proposal.id, proposal.digest, stage.actor)
    try:
        with stage.screen.progress() as progress:
            execution = stage.service.apply(proposal.id, stage.actor, progress)
    except LocksmithError as error:
        stage.say(Text(f"Not applied: {error}", "yellow"))
        return None
    stage.say(Text(""), *execution_lines(execution, stage.clock()))
    return execution if execution.state is ProposalState.DONE else None


def prove(stage: Stage, execution: ExecutionRecord, result: ScanResult) -> bool:
    """Whether the new scan no longer finds what an execution was for."""
    finding = stage.service.proposal(execution.proposal_id).finding
    if finding is None:
        return True
    gone = finding.record.id not in {view.record.id for view in result.findings}
    mark = ("  gone         ", "green") if gone else ("  STILL THERE  ", "bold red")
    seen = finding.record.finding
    stage.say(Text.assemble(mark, styled(f"{seen.control}  {resource_name(seen.resource)}")))
    return gone


def undo(stage: Stage, execution: ExecutionRecord) -> bool:
    """Take one execution back through the same gate; whether the finding is back then."""
    view = stage.service.undo(execution.id, stage.actor)
    stage.say(*plan_lines(view.proposal.plan, digest=view.proposal.digest))
    if not wanted(stage, view.proposal.plan):
        stage.service.deny(view.proposal.id, "not undone in the demo", stage.actor)
        return True
    if carry_out(stage, view) is None or view.finding is None:
        return False
    status = stage.service.finding(view.finding.record.id).record.status
    is_back = status is FindingStatus.OPEN
    said = "open again: AWS is as it was before" if is_back else f"{status}, which is wrong"
    stage.say(styled(f"The finding {view.finding.record.id} is {said}."))
    return is_back


def keep_serving(screen: Screen, environment: Mapping[str, str], endpoint: str) -> None:
    """Print how to reach the account, and serve it until Ctrl-C."""
    try:
        screen.present(["", Text(f"The simulated account goes on at {endpoint}", "bold")])
        for name, value in environment.items():
            screen.out.print(Text(f"export {name}={value}"), soft_wrap=True)
        screen.present([Text("Ctrl-C stops it.", "dim")])
        threading.Event().wait()
    except KeyboardInterrupt:
        screen.say("stopped")
