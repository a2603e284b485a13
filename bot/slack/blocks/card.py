"""The card: one message about one question, in every state that it can be in."""

from bot.model import FindingStatus, Manual, OwnerSource
from bot.slack.blocks.buttons import card_buttons
from bot.slack.blocks.elements import Block, Payload, context, header, message, section
from bot.slack.blocks.escape import Markup, address, code, date, joined, person, prose, quote, say
from bot.slack.blocks.evidence_part import evidence_lines
from bot.slack.blocks.fitting import Room, fitted
from bot.slack.blocks.plan_part import plan_blocks, steps_in_words
from bot.slack.blocks.question import Question, Role
from bot.slack.blocks.standing_part import standing, title
from bot.slack.blocks.words import (
    control_words,
    resource_words,
    sentence,
    severity_and_summary,
    source_words,
    times,
)


def card(question: Question) -> Payload:
    """The card of a question as its reader may see it now."""
    if not question.place.confidential:
        return _redacted(question)
    return fitted(lambda room: _card(question, room))


def headline(question: Question) -> Markup:
    """The one sentence for notifications: what it is about and where it stands."""
    finding = question.view.finding
    what = finding.record.finding.summary if finding else question.plan.summary
    return say("{state} · {what}", state=_title(question), what=sentence(what))


def _title(question: Question) -> str:
    if question.is_handed_on and question.is_asked:
        return "➡️ Handed over"
    if question.is_asked and question.asked and question.asked.role is Role.NOTIFIED:
        return "📣 For you to know"
    return "⏲️ Will be done unless you object" if question.rule else title(question)


def _redacted(question: Question) -> Payload:
    """Where others read along: no names, no keys, no buttons."""
    control = control_words(question.view.proposal.control)
    text = say("{state} · {control}", state=_title(question), control=control)
    note = say(
        "{id} · This channel is public or shared, so names, keys and buttons are left out. Whoever "
        "may decide finds the question in Locksmith's Home tab.",
        id=question.view.proposal.id,
    )
    return message(text, [section(text), context(note)])


def _card(question: Question, room: Room) -> Payload:
    control = control_words(question.view.proposal.control)
    blocks: list[Block] = [header(f"{_title(question)} · {control}"), *_what(question, room)]
    if question.is_handed_on:
        blocks += [section(_handed_on(question)), *_since(question, room)]
        return message(headline(question), [*blocks, _small_print(question)])
    if question.is_asked:
        blocks += _asking(question, room)
    else:
        blocks += _settled(question, room)
    return message(headline(question), [*blocks, *card_buttons(question), _small_print(question)])


def _what(question: Question, room: Room) -> list[Block]:
    """What is wrong, in a sentence."""
    finding = question.view.finding
    if finding is None:
        return [section(sentence(question.plan.summary, room.text))]
    summary = severity_and_summary(finding.record.finding, room.text)
    if question.is_asked:
        return [section(summary)]
    resource = resource_words(finding.record.finding.resource)
    return [section(joined("\n", [summary, resource]))]


def _asking(question: Question, room: Room) -> list[Block]:
    finding = question.view.finding
    blocks = [section(each) for each in [standing(question, room)] if each]
    if finding is not None:
        if finding.record.status is FindingStatus.RESOLVED:
            blocks.append(section(say("*AWS no longer shows this.* The next scan closes it.")))
        blocks.append(section(evidence_lines(finding.record, question.now, room)))
    blocks += [*plan_blocks(question.plan, room), *_exemption(question, room)]
    about = _who_and_until(question)
    return [*blocks, section(joined("\n", about))] if about else blocks


def _settled(question: Question, room: Room) -> list[Block]:
    plan = question.plan
    blocks = []
    if not isinstance(plan, Manual) and question.view.execution is None:
        text = joined("\n", [say("*The fix*"), steps_in_words(plan, room)])
        blocks.append(section(text))
    return [*blocks, section(standing(question, room))]


def _handed_on(question: Question) -> Markup:
    """Who is asked instead of the reader, by whose word."""
    asked = question.asked
    ids = asked.handed_to if asked else ()
    who = joined(", ", [address(each) for each in ids[:8]])
    if asked is None or asked.handed_by is None:
        return say("*{who} is asked instead* of you.", who=who)
    by = person(asked.handed_by, question.people)
    when = say(" on {when}", when=date(asked.handed_at)) if asked.handed_at else say("")
    return say("*Handed over to {who}* by {by}{when}.", who=who, by=by, when=when)


def _since(question: Question, room: Room) -> list[Block]:
    """What became of it, once it is settled."""
    return [] if question.is_asked else _settled(question, room)


def _who_and_until(question: Question) -> list[Markup]:
    """Whose it is and how that is known, until when an answer counts, and what happens then."""
    asked = question.asked
    lines = [] if asked is None else _whose(question)
    if question.view.proposal.asked_before:
        lines.append(
            say(
                "*Asked {times} before* without a yes.",
                times=times(question.view.proposal.asked_before),
            )
        )
    if not question.rights.live and not isinstance(question.plan, Manual):
        lines.append(say("*Notify mode:* nothing can be approved in this account yet."))
    if question.rights.reserved_for and question.decides:
        lines.append(_reserved(question))
    if question.rights.people > 1 and not question.approvers:
        lines.append(say("*Takes {n} different people* to approve.", n=question.rights.people))
    lines += _by_rule(question)
    if asked is not None and asked.deadline is not None:
        lines.append(
            say(
                "*Deadline*  {when}. Without an answer the question expires then: nothing is "
                "changed in AWS, and it is asked again later.",
                when=date(asked.deadline),
            )
        )
    if asked is not None and asked.escalates and asked.role is Role.OWNER:
        lines.append(say("From {when} on others are asked too.", when=date(asked.escalates)))
    return lines


def _by_rule(question: Question) -> list[Markup]:
    """That a rule will act and when, or why it doesn't after all."""
    grace = question.grace
    if grace is None:
        return []
    name = code(grace.rule.partition("@")[0])
    if grace.stopped:
        why = prose(grace.stopped, 200)
        return [say("*Not done by rule {name}* after all: {why}.", name=name, why=why)]
    when = (
        say("{span} after this has reached you", span=grace.span)
        if grace.until is None
        else say("on {when}", when=date(grace.until))
    )
    return [
        say(
            "*Done by itself*  by rule {name} {when}, unless someone clicks Keep, Deny or Snooze.",
            name=name,
            when=when,
        )
    ]


def _reserved(question: Question) -> Markup:
    """Who may approve, where the reader may not, and whether they are asked by now."""
    who = say("*Approving*  is for {who}.", who=question.rights.reserved_for)
    if question.asked is None or question.asked.escalates is not None:
        return who
    return say("{who} The security group is asked too.", who=who)


def _whose(question: Question) -> list[Markup]:
    asked = question.asked
    if asked is None:
        return []
    if question.view.finding is None and asked.role is Role.SECURITY:
        return [say("*Asked here*  since the security group decides about this.")]
    because = say(" ({because})", because=prose(asked.because, 200)) if asked.because else say("")
    why = say("{source}{because}", source=source_words(asked.source), because=because)
    heads = {
        Role.OWNER: say("*Owner*  you: {why}.", why=why),
        Role.MANAGER: say(
            "*Owner*  did not answer, so you are asked too; known since {why}.", why=why
        ),
        Role.SECURITY: say("*Asked here*  since {why}.", why=why)
        if asked.source is OwnerSource.SECURITY
        else say("*Asked here*  beside its owner: {why}.", why=prose(asked.because, 300)),
        Role.TOLD: say("*You are told*  since you made this, by CloudTrail. Its owner decides."),
        Role.NOTIFIED: say("*Owner*  you: {why}. Nothing is asked here: decide in Home.", why=why),
    }
    over = [prose(each, 200) for each in asked.passed_over[:5]]
    return [heads[asked.role], *(say("*Passed over*  {who}.", who=each) for each in over)]


def _exemption(question: Question, room: Room) -> list[Block]:
    request = question.exemption
    if request is None:
        return []
    text = say(
        "*{who} asks for an exemption* until {until}. A second person must confirm it.\n{why}",
        who=person(request.by, question.people),
        until=date(request.until),
        why=quote(request.reason, room.text),
    )
    return [section(text)]


def _small_print(question: Question) -> Block:
    proposal = question.view.proposal
    ids = [proposal.id, *([proposal.finding_id] if proposal.finding_id else [])]
    return context(
        say(
            "{ids} · {control} · plan {digest}",
            ids=joined(" · ", ids),
            control=proposal.control,
            digest=proposal.digest.removeprefix("sha256:")[:12],
        )
    )
