"""Cards and modals: what each state shows, that Slack takes it, and that data stays data."""

import json
import re
import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.model import Call, Manual, ProposalState, TooEarly, Verdict
from bot.slack.blocks import modals
from bot.slack.blocks.card import card
from bot.slack.blocks.details import details_modal
from bot.slack.blocks.escape import date
from bot.slack.blocks.question import Question, Rights
from tests.reports.samples import BY_HAND, NOW, PLAN, days_ago, record
from tests.slack.gate import check
from tests.slack.gate.hostile import TEXTS, texts
from tests.slack.questions import ASKED, decided, every_question, final_plan, question
from tests.slack.snapshots import matches

QUESTIONS = every_question()
DANGEROUS = ("approve", "confirm_exemption", "refuse_exemption", "undo", "done_by_hand")
PEOPLE = {"UANN", "UBEN"}
DECIDE = {"approve", "approve_typed", "deny", "snooze", "exempt", "not_mine", "done_by_hand"}


def buttons(payload: dict[str, Any]) -> set[str]:
    return {
        element["action_id"]
        for block in payload["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    }


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_card(name: str) -> None:
    payload = card(QUESTIONS[name])

    assert check("message", payload, dangerous=DANGEROUS, mentions=PEOPLE) == []
    assert matches(f"card-{name}", payload)


def every_modal(asked: Question) -> dict[str, dict[str, Any]]:
    remembered = modals.metadata(asked, "C1", "1.2")
    longest = timedelta(days=365)
    return {
        "approve": modals.approve_modal(asked, "carol", remembered),
        "deny": modals.deny_modal(asked, remembered),
        "snooze": modals.snooze_modal(asked, remembered, again=False),
        "snooze-again": modals.snooze_modal(asked, remembered, again=True),
        "exempt": modals.exempt_modal(asked, remembered, longest=longest, takes_two=False),
        "exempt-two": modals.exempt_modal(asked, remembered, longest=longest, takes_two=True),
        "not-mine": modals.not_mine_modal(asked, remembered),
        "details": details_modal(asked),
    }


MODALS = every_modal(question(plan=final_plan(), rights=Rights(people=2, code=True)))


@pytest.mark.parametrize("name", MODALS)
def test_every_modal(name: str) -> None:
    assert check("modal", MODALS[name], mentions=PEOPLE) == []
    assert matches(f"modal-{name}", MODALS[name])


def test_details_say_after_which_refusals_a_call_is_made_again() -> None:
    early = TooEarly("NoSuchEntity", "The role with name <!channel>")
    (step, *_) = PLAN.steps
    made = replace(PLAN, steps=(replace(step, do=replace(step.do, too_early=(early,))),))
    modal = details_modal(question(plan=made))

    assert "again, for a while, where AWS answers NoSuchEntity" in json.dumps(modal)
    assert check("modal", modal, mentions=PEOPLE) == []


@pytest.mark.parametrize("state", list(ProposalState))
def test_only_an_open_question_has_buttons_that_decide(state: ProposalState) -> None:
    """A settled card can't be answered, whoever still has it on their screen."""
    shown = buttons(card(question(state)))
    is_asked = state in (ProposalState.PROPOSED, ProposalState.PENDING)

    assert bool(shown & DECIDE) is is_asked
    assert "details" in shown


def test_what_is_final_is_approved_in_a_modal_only() -> None:
    shown = buttons(card(QUESTIONS["pending-final"]))

    assert "approve_typed" in shown
    assert "approve" not in shown


@pytest.mark.parametrize("name", ["public", "public-done"])
def test_where_others_read_along_there_are_no_names_keys_or_buttons(name: str) -> None:
    payload = card(QUESTIONS[name])
    text = json.dumps(payload)
    finding = record().finding

    assert buttons(payload) == set()
    for secret in (finding.resource.name, finding.resource.arn, finding.resource.unique_id):
        assert not re.search(rf"\b{re.escape(secret)}\b", text)
    if finding.resource.key:
        assert not re.search(rf"\b{finding.resource.key.user}\b", text)
        assert str(finding.resource.key.key_id) not in text


def test_who_may_not_approve_is_told_who_does_and_can_answer_otherwise() -> None:
    payload = card(QUESTIONS["reserved"])

    assert buttons(payload) == {"deny", "snooze", "exempt", "not_mine", "details"}
    assert "*Approving*  is for the security group. The security group is asked too." in (
        json.dumps(payload)
    )
    later = card(replace(QUESTIONS["reserved"], asked=ASKED))
    assert "is asked too" not in json.dumps(later)


def test_what_is_about_a_whole_account_names_it_once() -> None:
    whole = replace(record().finding.resource, name=record().account.id, key=None)
    blocks = card(question(finding=replace(record().finding, resource=whole)))["blocks"]

    assert f"*What*  account `{record().account.id}`" in "".join(words_of(each) for each in blocks)


def test_who_is_told_decides_nothing() -> None:
    assert buttons(card(QUESTIONS["told"])) == {"details"}


@pytest.mark.parametrize("name", ["handed", "handed-settled", "replaced"])
def test_a_card_that_went_on_to_others_has_no_buttons(name: str) -> None:
    assert buttons(card(QUESTIONS[name])) == set()


def test_a_card_that_went_on_to_others_says_to_whom_by_whose_word_and_when() -> None:
    text = json.dumps(card(QUESTIONS["handed"]), ensure_ascii=False)

    assert f"*Handed over to <@UBEN>* by <@UANN> on {date(NOW)}" in text
    assert "Handed over" in card(QUESTIONS["handed"])["text"]
    assert "Fridays" in json.dumps(card(QUESTIONS["handed-settled"]), ensure_ascii=False)
    assert "is asked instead" in json.dumps(card(QUESTIONS["replaced"]), ensure_ascii=False)


@pytest.mark.parametrize(
    ("name", "offered"), [("done", True), ("undone", False), ("failed", False), ("denied", False)]
)
def test_undo_is_offered_while_something_can_be_taken_back(name: str, offered: bool) -> None:
    assert ("undo" in buttons(card(QUESTIONS[name]))) is offered


def test_a_card_says_what_is_called_and_how_it_is_undone() -> None:
    text = json.dumps(card(QUESTIONS["pending"]), ensure_ascii=False)

    for step in PLAN.steps:
        assert step.do.operation in text
    assert "Undo" in text
    assert "tag owner = ann@example.com" in text


def test_a_plan_of_one_step_says_once_what_it_does() -> None:
    step = replace(PLAN.steps[0], summary=f"{PLAN.summary}.")
    blocks = card(question(plan=replace(PLAN, steps=(step,))))["blocks"]
    text = "".join(words_of(each) for each in blocks)

    assert text.count(PLAN.summary) == 1
    assert step.do.operation in text


def test_a_document_in_a_call_is_shown_without_the_marks_of_a_text() -> None:
    document = {"Version": "2012-10-17", "Statement": []}
    params = {"UserName": "ann", "PolicyDocument": json.dumps(document, separators=(",", ":"))}
    step = replace(PLAN.steps[0], do=Call("iam", "PutUserPolicy", params))
    blocks = card(question(plan=replace(PLAN, steps=(step,))))["blocks"]
    (shown,) = [text for each in blocks if "PutUserPolicy" in (text := words_of(each))]

    assert '`iam.PutUserPolicy(UserName="ann", PolicyDocument=…)`' in shown
    assert 'PolicyDocument = `{"Version": "2012-10-17", "Statement": []}`' in shown


def words_of(block: dict[str, Any]) -> str:
    return str(block.get("text", {}).get("text", "")) if block["type"] == "section" else ""


def test_facts_are_told_with_their_age_and_in_the_readers_time() -> None:
    finding = replace(
        record().finding, evidence={"password_last_used": days_ago(3).isoformat(), "mfa": False}
    )
    text = "".join(words_of(each) for each in card(question(finding=finding))["blocks"])

    assert f"*Password last used*  3 days ago, {date(days_ago(3))}" in text
    assert "*MFA*  no" in text


@pytest.mark.parametrize(
    ("name", "finding"),
    [("deny", False), ("snooze", True), ("exempt", True), ("not-mine", True)],
)
def test_a_modal_names_the_fix_or_the_violation(name: str, finding: bool) -> None:
    text = json.dumps(every_modal(question())[name], ensure_ascii=False)

    assert (record().finding.summary in text) is finding
    assert (PLAN.summary in text) is not finding


def test_done_says_what_stays_open_and_until_when() -> None:
    """The key was switched off a day before: 36 hours of GetSessionToken are not over yet."""
    text = json.dumps(card(QUESTIONS["done"]), ensure_ascii=False)
    until = date(NOW - timedelta(days=1) + timedelta(seconds=6, hours=36))

    assert f"*Still open* until {until}: other sessions that were made with the key" in text
    assert "sessions of roles" not in text


def test_done_does_not_speak_of_sessions_that_have_ended() -> None:
    later = replace(QUESTIONS["done"], now=NOW + timedelta(days=2))

    assert "Still open" not in json.dumps(card(later))


def hostile_question(text: str) -> Question:
    finding = record().finding
    resource = replace(finding.resource, name=text, key=None)
    plan = replace(
        PLAN,
        summary=f"Deactivate {text}",
        breaks=(text, text),
        steps=tuple(replace(step, summary=text) for step in PLAN.steps),
    )
    return question(
        plan=plan,
        finding=replace(finding, summary=text, resource=resource, evidence={"note": text}),
        decisions=(decided(Verdict.DENY, reason=text),),
        why=text,
    )


def problems(text: str) -> list[str]:
    asked = hostile_question(text)
    found = check("message", card(asked), dangerous=DANGEROUS, mentions=PEOPLE)
    settled = replace(
        asked,
        view=replace(asked.view, proposal=replace(asked.view.proposal, state=ProposalState.DENIED)),
    )
    found += check("message", card(settled), dangerous=DANGEROUS, mentions=PEOPLE)
    for payload in every_modal(asked).values():
        found += check("modal", payload, mentions=PEOPLE)
    composed = unicodedata.normalize("NFC", text)  # plans hold no other form
    by_hand = question(plan=replace(BY_HAND, reason=composed, steps=(composed,) * 3))
    assert isinstance(by_hand.plan, Manual)
    return found + check("message", card(by_hand), dangerous=DANGEROUS, mentions=PEOPLE)


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_texts_stay_data(name: str) -> None:
    assert problems(TEXTS[name]) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts(max_size=3_000))
def test_any_text_stays_data(text: str) -> None:
    assert problems(text) == []


def test_a_long_plan_is_shortened_and_says_so() -> None:
    steps = tuple(replace(PLAN.steps[0], name=f"s{n}") for n in range(40))
    payload = card(question(plan=replace(PLAN, steps=steps)))

    assert check("message", payload, dangerous=DANGEROUS, mentions=PEOPLE) == []
    assert "more calls in *Details*, which shows all 40" in json.dumps(payload)


def test_the_fullest_card_fits_and_says_what_it_leaves_out() -> None:
    """Each paragraph is within its limit, and all of them together are more than Slack takes."""
    step = PLAN.steps[0]
    do = replace(step.do, params={**step.do.params, "Note": "n" * 500})
    steps = tuple(replace(step, name=f"s{n}", do=do, undo=do) for n in range(20))
    plan = replace(PLAN, steps=steps, breaks=("b" * 500,) * 20)
    seen = replace(record().finding, evidence={f"fact {n}": "e" * 500 for n in range(20)})
    payload = card(question(plan=plan, finding=seen, exemption=QUESTIONS["exemption"].exemption))

    assert check("message", payload, dangerous=DANGEROUS, mentions=PEOPLE) == []
    assert "more calls in *Details*, which shows all 20" in json.dumps(payload)
    assert "more facts in *Details*" in json.dumps(payload)
