"""`approve`, `deny`, `snooze` and `settle`: a person's word on proposals."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import click

from bot.cli.arguments import PROPOSAL, moment, reason_option, until_option
from bot.cli.commands import command
from bot.cli.context import Session, pass_session
from bot.cli.faults import complain, worst
from bot.cli.planning import UNDECIDED, Shown, look_at_plan
from bot.cli.root import root
from bot.engine.views import ProposalView
from bot.errors import ExitCode, LocksmithError, RefusedError, StaleError, UsageError
from bot.model import Manual, Plan, ProposalRecord, Risk
from bot.reports.documents.proposal import proposals_document
from bot.reports.proposal_text import proposal_lines
from bot.reports.words import NEEDS

Decide = Callable[[str], ProposalView]
_CODES = (ExitCode.TROUBLE, ExitCode.REFUSED)


@command(
    root,
    "approve",
    examples=(
        "locksmith approve f-7k2m9q4d",
        "locksmith approve p-3x8w5c1z --digest sha256:9f2c…",
    ),
    codes=_CODES,
)
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=PROPOSAL)
@click.option(
    "--digest",
    "digests",
    multiple=True,
    metavar="DIGEST",
    help="Say yes to exactly this plan without being asked; one for each ID, in their order.",
)
@pass_session
def approve(session: Session, ids: Sequence[str], digests: Sequence[str]) -> int:
    """Say yes to a plan. Shows it and asks; `apply` then carries it out.

    The yes is for exactly the digest that was shown: if the plan changes, it is void. What can't
    be undone wants the resource's name typed. Without a terminal only --digest is a yes.
    """
    if digests and len(digests) != len(ids):
        raise UsageError("give one --digest for each ID, in their order")
    if not digests and not session.screen.can_ask:
        raise UsageError(
            "nobody is here to ask, and silence is never a yes",
            hint="Look at `locksmith plan ID`, then `locksmith approve ID --digest DIGEST`.",
        )
    yes = iter(digests)
    return _each(session, ids, lambda any_id: approve_one(session, any_id, next(yes, None)))


def approve_one(session: Session, any_id: str, digest: str | None) -> ProposalView:
    """Approve what `digest` names, or what is shown and answered with yes. Raises RefusedError."""
    if digest is not None:
        asked = session.service.open_proposal(any_id)
        return _approve_exactly(session, asked, digest.strip())
    shown = look_at_plan(session, any_id)
    session.screen.present(shown.lines)
    proposal = _decidable(session, shown, any_id)
    confirm(session, proposal)
    return session.service.approve(proposal.proposal.id, proposal.proposal.digest, session.actor)


def _approve_exactly(session: Session, asked: ProposalRecord, digest: str) -> ProposalView:
    try:
        return session.service.approve(asked.id, digest, session.actor)
    except StaleError as error:
        if digest == asked.digest:
            raise
        raise StaleError(
            f"{asked.id} is not approved: its plan has the digest {asked.digest}, "
            f"and {digest or 'an empty one'} was given",
            hint=f"`locksmith plan {asked.id}` shows what the plan is now.",
        ) from error


def confirm(session: Session, view: ProposalView) -> None:
    """Ask for a yes to the plan that was just shown. Raises RefusedError for anything else."""
    plan, screen = view.proposal.plan, session.screen
    if isinstance(plan, Plan) and plan.risk is Risk.IRREVERSIBLE:
        name = view.finding.record.finding.resource.name if view.finding else plan.subject
        question = f"This can't be undone. Type {name} to approve {view.proposal.id}:"
        if screen.ask_for(question, name):
            return
    elif screen.ask(f"Approve {view.proposal.id}?"):
        return
    raise RefusedError(f"{view.proposal.id} was not approved: the answer was not a yes")


def _decidable(session: Session, shown: Shown, any_id: str) -> ProposalView:
    """The open proposal behind what was shown. Raises RefusedError where nothing can be decided."""
    fix = shown.finding.remediation if shown.finding else None
    if fix is not None and fix.digest is None:
        needs = NEEDS.get(fix.needs or "", fix.needs)
        raise RefusedError(f"{any_id} can't be decided yet: {needs}")
    view = shown.proposal
    if view is None or (any_id.startswith("f-") and not view.proposal.state.is_open):
        view = session.service.proposal(session.service.open_proposal(any_id).id)
    asked = view.proposal
    if isinstance(asked.plan, Manual):
        raise RefusedError(f"{asked.id} is made by hand: follow its steps, then scan again")
    if asked.state not in UNDECIDED:
        why = f" ({asked.why})" if asked.why else ""
        raise RefusedError(f"{asked.id} is {asked.state} already{why}")
    return view


@command(
    root,
    "deny",
    examples=('locksmith deny f-7k2m9q4d --reason "the nightly export needs this key"',),
    codes=_CODES,
)
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=PROPOSAL)
@reason_option
@pass_session
def deny(session: Session, ids: Sequence[str], reason: str) -> int:
    """Say no to a plan. It is remembered for this plan, and wins over an approval in time."""
    service = session.service
    return _each(
        session,
        ids,
        lambda any_id: service.deny(service.open_proposal(any_id).id, reason, session.actor),
    )


@command(
    root,
    "snooze",
    examples=("locksmith snooze f-7k2m9q4d --until 2w",),
    codes=_CODES,
)
@click.argument("any_id", metavar="ID", type=PROPOSAL)
@until_option
@click.option("--reason", default="", metavar="TEXT", help="Why, if you like.")
@pass_session
def snooze(session: Session, any_id: str, until: datetime | timedelta, reason: str) -> int:
    """Put a question off until a day; the first scan after it asks anew."""
    when = moment(until, session.app.now())
    service = session.service
    return _each(
        session,
        [any_id],
        lambda each: service.snooze(
            service.open_proposal(each).id, when, reason.strip(), session.actor
        ),
    )


@command(
    root,
    "settle",
    examples=('locksmith settle p-3x8w5c1z --reason "detached the policy by hand"',),
    codes=_CODES,
)
@click.argument("any_id", metavar="ID", type=PROPOSAL)
@reason_option
@pass_session
def settle(session: Session, any_id: str, reason: str) -> int:
    """Close a proposal that needs a human, once you have seen to it.

    Locksmith leaves it so when some steps hold and others don't, or when looking gave no clear
    picture. Settling changes nothing in AWS.
    """
    service = session.service
    return _each(
        session,
        [any_id],
        lambda each: service.settle(service.open_proposal(each).id, reason, session.actor),
    )


def _each(session: Session, ids: Sequence[str], decide: Decide) -> int:
    """Decide one after the other; what fails is said, and the others go on."""
    codes: list[int] = []
    views: list[ProposalView] = []
    for any_id in dict.fromkeys(ids):
        try:
            views.append(decide(any_id))
        except LocksmithError as error:
            complain(session.screen, error)
            codes.append(error.exit_code)
    now, cool_off = session.app.now(), session.app.config.proposals.cool_off_days
    lines = [line for view in views for line in proposal_lines(view, now, cool_off_days=cool_off)]
    session.screen.show(lines, proposals_document(views))
    return worst(codes)
