"""What a card offers to click; who may is judged at every click, whatever was offered."""

from bot.model import POLICY_REVIEW, ROOT_CUSTODY, Manual, Outcome, Plan, ProposalState
from bot.slack.blocks.elements import Block, actions, button, confirmation
from bot.slack.blocks.question import Question

#: Questions that are answered by someone's word: AWS shows nothing of it.
_WORDS = {
    ROOT_CUSTODY: (
        "I confirm it",
        confirmation(
            "Do you confirm it?",
            "That root's password, its mailbox and its MFA are strong, and known to nobody but who "
            "keeps them. Your name is recorded.",
            "Yes, I do",
        ),
    ),
    POLICY_REVIEW: (
        "Reviewed",
        confirmation(
            "Have you looked at all of it?",
            "That whoever has this policy needs what it allows. Your name is recorded for just "
            "this document, and you are asked again when the next review is due.",
            "Yes, I have",
        ),
    ),
}
_UNDOABLE = frozenset({ProposalState.DONE, ProposalState.NEEDS_HUMAN})


def card_buttons(question: Question) -> list[Block]:
    """The rows of buttons below a card, where there are any."""
    details = button("Details", "details", question.value)
    if not question.is_asked:
        return [actions(details, *_undo(question))]
    if not question.decides:
        return [actions(details)]
    return [*_exemption(question), actions(*_yes(question), *_other(question), details)]


def is_undoable(question: Question) -> bool:
    """Whether something of its execution can still be taken back with one more decision."""
    execution, plan = question.view.execution, question.plan
    if execution is None or isinstance(plan, Manual) or question.state not in _UNDOABLE:
        return False
    ways_back = {step.name for step in plan.steps if step.undo is not None}
    held = {step.name for step in execution.steps if step.outcome is Outcome.HOLDS}
    return bool(held) and held <= ways_back and execution.undone_by is None and not question.undone


def effect(plan: Plan) -> str:
    """What approving does, for the dialog that asks once more. Plain text."""
    count = len(plan.steps)
    calls = "1 call" if count == 1 else f"{count} calls"
    return f"{plan.summary.rstrip('. ')}. Locksmith makes {calls} in AWS account {plan.account.id}."


def _yes(question: Question) -> list[Block]:
    plan, value = question.plan, question.value
    if isinstance(plan, Manual) and question.view.proposal.control in _WORDS:
        label, sure = _WORDS[question.view.proposal.control]
        return [button(label, "done_by_hand", value, style="primary", confirm=sure)]
    if isinstance(plan, Manual):
        sure = confirmation(
            "Is it done?", "Locksmith looks in AWS whether it can be seen there.", "Yes, look"
        )
        return [button("I did it", "done_by_hand", value, style="primary", confirm=sure)]
    if not question.rights.live or question.rights.reserved_for:
        return []
    if question.is_final or question.rights.code:
        return [button("Approve…", "approve_typed", value, style="primary")]
    sure = confirmation("Approve exactly this?", effect(plan), "Approve")
    return [button("Approve", "approve", value, style="primary", confirm=sure)]


def _other(question: Question) -> list[Block]:
    value = question.value
    buttons = [button("Deny", "deny", value, style="danger"), button("Snooze", "snooze", value)]
    if question.view.finding is None:
        return buttons
    if question.rights.exempts and question.exemption is None:
        buttons.append(button("Keep…" if question.rule else "Exempt", "exempt", value))
    return [*buttons, button("Not mine", "not_mine", value)]


def _exemption(question: Question) -> list[Block]:
    if question.exemption is None:
        return []
    until = f"{question.exemption.until:%Y-%m-%d}"
    confirm = confirmation(
        "Confirm the exemption?", f"The violation stays, and nobody is asked until {until}.", "Yes"
    )
    refuse = confirmation(
        "Refuse the exemption?", "The question stays open and waits for an answer.", "Refuse"
    )
    return [
        actions(
            button("Confirm exemption", "confirm_exemption", question.value, confirm=confirm),
            button("Refuse exemption", "refuse_exemption", question.value, confirm=refuse),
        )
    ]


def _undo(question: Question) -> list[Block]:
    execution = question.view.execution
    if (
        execution is None
        or question.is_known
        or not question.rights.undoes
        or not is_undoable(question)
    ):
        return []
    return [undo_button(execution.id)]


def undo_button(execution_id: str) -> Block:
    """What proposes to take an execution back."""
    sure = confirmation(
        "Take it back?",
        "Proposes the opposite calls as a question of its own, which must be approved too.",
        "Propose undo",
    )
    return button("Undo", "undo", execution_id, confirm=sure)
