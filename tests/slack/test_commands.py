"""`/locksmith` at a whole desk: what each command answers, to whom, and where."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.engine.overview import Queue
from bot.model import FindingStatus, ProposalState
from bot.slack.acting import Acting
from bot.slack.commands.catalogue import COMMANDS
from bot.slack.commands.making import Around, commanding
from tests.slack.commanding import (
    answer,
    approved,
    company,
    fits,
    question,
    refusals,
    replaced,
    state,
)
from tests.slack.desks import Office, wait_for

#: Each test that decides has a key of its own; carol's is never decided.
NAMES = ("carol", "dora", "emil", "fay", "gus", "hal", "ida", "jon", "kim")
OTHERS = 6


@pytest.fixture(scope="module")
def at(sqlite_template: Path) -> Iterator[Office]:
    """A desk that has asked ann about keys, and the security channel about those of nobody."""
    with company(sqlite_template, *NAMES, others=OTHERS) as made:
        made.scan()
        made.card(made.ann, "kim: AKIA")
        yield made


@pytest.fixture(autouse=True)
def signed_in(at: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the account, which every test begins without."""
    for name, value in at.cloud.environment().items():
        monkeypatch.setenv(name, value)


def test_help_is_for_whoever_asks(at: Office) -> None:
    """Both see what they may do; it is one registry that is shown and dispatched."""
    theirs, everything = answer(at, at.ann, "").words(), answer(at, at.sec, "HELP").words()

    for name, command in COMMANDS.items():
        assert f"`{command.usage}`" in everything
        assert (f"`{command.usage}`" in theirs) is not command.security, name


def test_an_unknown_command_gets_the_nearest(at: Office) -> None:
    assert "Did you mean `/locksmith status`" in answer(at, at.ann, "stauts").words()
    assert "`/locksmith help` lists them all" in answer(at, at.ann, "qqq <!channel>").words()
    assert "It goes: /locksmith show ID" in answer(at, at.ann, "show").words()
    assert "takes nothing more" in answer(at, at.ann, "mine too").words()


def test_status_and_report(at: Office) -> None:
    words = answer(at, at.sec, "status").words()

    assert f"<@{at.ann.id}>  " in words
    assert f"<#{at.channel.id}>  " in words
    assert "*unused credentials*  " in words
    assert "live" in words
    assert "Paused" not in words
    assert "Locksmith since last week" in answer(at, at.sec, "report").words()


def test_findings_and_their_filters(at: Office) -> None:
    mistaken = answer(at, at.sec, "findings critcal").words()
    assert "did you mean critical" in mistaken
    assert "status:exempt" in mistaken

    assert "No findings" in answer(at, at.sec, "findings critical unused-access-key").words()
    found = answer(at, at.sec, "findings topic:unused-credentials status:open").words()
    assert "of topic:unused_credentials status:open" in found


def test_long_answers_are_paged_in_place(at: Office) -> None:
    """The page that is turned is the one that was answered; rights are looked at anew."""
    total = len(at.service.findings(control="unused-access-key"))
    assert total == len(NAMES) + OTHERS
    first = answer(at, at.sec, "findings control:unused-access-key status:all")
    assert f"1 to 10 of {total}" in first.words()
    assert [each.text for each in first.buttons()] == ["Next"]

    at.slack.click(at.sec, first.channel, first.ts, "page")
    second = replaced(at, at.sec, first, f"11 to {total} of {total}")
    assert [each.text for each in second.buttons()] == ["Previous"]
    at.slack.click(at.sec, second.channel, second.ts, "page_back")
    back = replaced(at, at.sec, first, f"1 to 10 of {total}")

    before = len(at.slack.ephemerals(at.sec))
    at.slack.workspace.users[at.sec.id].is_restricted = True
    at.slack.click(at.sec, back.channel, back.ts, "page")
    wait_for(lambda: len(at.slack.ephemerals(at.sec)) > before, "the refusal")
    at.slack.workspace.users[at.sec.id].is_restricted = False
    assert "guest" in at.slack.ephemerals(at.sec)[-1].words()
    assert refusals(at)[-1] == (at.sec.id, "/locksmith findings")


def test_mine_leads_to_the_card(at: Office) -> None:
    mine = answer(at, at.ann, "mine")
    assert "for you" in mine.words()
    carol = question(at, "carol")
    assert carol.id in mine.words()
    assert "*no questions* for you" in answer(at, at.slack.add_user("idle"), "mine").words()

    before = len(at.slack.ephemerals(at.ann))
    value = f"{carol.id} {carol.digest}"
    at.slack.click(at.ann, mine.channel, mine.ts, "show", value)
    wait_for(lambda: len(at.slack.ephemerals(at.ann)) > before, "the card")
    shown = at.slack.ephemerals(at.ann)[-1]
    fits(shown)
    assert "UpdateAccessKey" in shown.words()


def test_show_takes_ids_of_questions_and_findings(at: Office) -> None:
    asked = question(at, "carol")
    for any_id in (asked.id, str(asked.finding_id), asked.id.upper()):
        assert "UpdateAccessKey" in answer(at, at.ann, f"show {any_id}").words()

    assert "p-zzzzzzzzzz" in answer(at, at.ann, "show p-zzzzzzzzzz").words()


def test_approve_shows_the_same_digest_and_a_click_decides(at: Office) -> None:
    asked = question(at, "dora")
    shown = answer(at, at.ann, f"approve {asked.finding_id}")
    assert shown.button("approve").value == f"{asked.id} {asked.digest}"
    assert state(at, "dora") is ProposalState.PENDING

    at.slack.click(at.ann, shown.channel, shown.ts, "approve")

    now = replaced(at, at.ann, shown, "dora")
    assert "approve" not in {each.action_id for each in now.buttons()}
    at.shows(at.card(at.ann, "dora: AKIA"), "Done")


def test_undo_is_a_question_of_its_own(at: Office) -> None:
    approved(at, "emil")
    before = len(at.writes())
    (done,) = (one for one in at.service.executions() if one.proposal_id == question(at, "emil").id)
    assert "undo" in {each.action_id for each in answer(at, at.ann, f"show {done.id}").buttons()}

    shown = answer(at, at.ann, f"undo {done.id}")

    assert "Undo of x-" in shown.words()
    assert len(at.writes()) == before
    at.slack.click(at.ann, shown.channel, shown.ts, "approve")
    at.shows(at.card(at.ann, f"Undo of {done.id}"), "Done")
    assert at.writes()[before:] == ["UpdateAccessKey"]
    assert "undone already" in answer(at, at.ann, f"undo {done.id}").words()


def test_an_undo_button_of_an_answer_asks_there(at: Office) -> None:
    approved(at, "fay")
    shown = answer(at, at.ann, f"show {question(at, 'fay').finding_id}")
    before = len(at.slack.ephemerals(at.ann))

    at.slack.click(at.ann, shown.channel, shown.ts, "undo")

    wait_for(lambda: len(at.slack.ephemerals(at.ann)) > before, "the question")
    words = at.slack.ephemerals(at.ann)[-1].words()
    assert "Undo of x-" in words
    assert "fay" in words


def test_deny_on_the_line_and_a_click_on_what_is_old(at: Office) -> None:
    """The answer stands in a channel that the app is no member of, and so does the kind word."""
    elsewhere = at.slack.add_channel("elsewhere", [at.ann], with_bot=False, is_private=True)
    gus = question(at, "gus")
    shown = answer(at, at.ann, f"approve {gus.id}", elsewhere)

    assert "Denied" in answer(at, at.ann, f'deny {gus.id} "Fridays &amp; only"').words()

    at.shows(at.card(at.ann, "gus: AKIA"), "Fridays &amp; only")
    assert "is denied already" in answer(at, at.ann, f"deny {gus.finding_id} again").words()
    before = len(at.slack.ephemerals(at.ann))
    at.slack.click(at.ann, shown.channel, shown.ts, "approve")
    wait_for(lambda: len(at.slack.ephemerals(at.ann)) > before, "the word")
    told = at.slack.ephemerals(at.ann)[-1]
    assert "denied already" in told.words()
    assert told.channel == elsewhere.id


def test_snooze_on_the_line(at: Office) -> None:
    hal = question(at, "hal").id
    assert "is no day" in answer(at, at.ann, f"snooze {hal} soon").words()
    assert state(at, "hal") is ProposalState.PENDING
    assert "Put off until" in answer(at, at.ann, f"snooze {hal} 7d on leave").words()

    at.shows(at.card(at.ann, "hal: AKIA"), "on leave")


def test_exempt_on_the_line_and_the_list_of_them(at: Office) -> None:
    finding = str(question(at, "ida").finding_id)
    assert "needs a reason" in answer(at, at.ann, f"exempt {finding} 30d").words()
    assert "Accepted until" in answer(at, at.ann, f"exempt {finding} 30d the vendor can't").words()

    assert at.service.finding(finding).record.status is FindingStatus.EXEMPT
    assert "the vendor can't" in answer(at, at.ann, "exemptions").words()
    assert "the vendor can't" in answer(at, at.sec, "exemptions").words()
    assert "No exemptions" in answer(at, at.slack.add_user("ben"), "exemptions").words()


def opened(at: Office, title: str) -> None:
    """Wait until ann's modal on top is this one."""
    wait_for(
        lambda: title in [view.title for view in at.slack.modals(at.ann)[-1:]],
        f"the modal {title!r}",
    )


def test_what_is_missing_is_asked_in_a_modal(at: Office) -> None:
    private = len(at.slack.ephemerals(at.ann))
    for command, title in (
        ("snooze", "Put off"),
        ("exempt", "Accept for a while"),
        ("deny", "Deny this fix"),
    ):
        assert at.slack.command(at.ann, "/locksmith", f"{command} {question(at, 'jon').id}").ok
        opened(at, title)

    at.slack.submit(at.ann, {"reason": "not in a modal"})

    at.shows(at.card(at.ann, "jon: AKIA"), "not in a modal")
    assert len(at.slack.ephemerals(at.ann)) == private


def test_owner_hands_over_and_asks_at_once(at: Office) -> None:
    kay = at.slack.add_user("kay")
    guest = at.slack.add_user("visitor", is_restricted=True)
    assert "as @person" in answer(at, at.ann, "owner kim kay").words()
    assert "is a guest" in answer(at, at.ann, f"owner kim <@{guest.id}>").words()
    assert "No open finding" in answer(at, at.sec, f"owner nobody <@{kay.id}>").words()

    told = answer(at, at.ann, f"owner kim <@{kay.id}|kay>").words()

    assert f"`kim` is <@{kay.id}>'s" in told
    at.card(kay, "kim: AKIA")


def test_pause_and_resume_by_another_person(at: Office) -> None:
    assert "an incident" in answer(at, at.sec, 'pause "an incident"').words()
    assert at.service.freeze() is not None
    assert "an incident" in answer(at, at.sec, "status").words()
    assert "another person" in answer(at, at.sec, "resume").words()
    assert at.service.freeze() is not None

    second = at.slack.add_user("second")
    (group,) = at.slack.workspace.groups.values()
    group.members.append(second.id)
    assert "Resumed by" in answer(at, second, "resume").words()
    assert at.service.freeze() is None


def test_policy_by_access_level(at: Office) -> None:
    read_only = answer(at, at.sec, "policy arn:aws:iam::aws:policy/IAMReadOnlyAccess").words()
    admin = answer(at, at.sec, "policy arn:aws:iam::aws:policy/AdministratorAccess").words()

    assert "allows something in 1 service" in read_only
    assert "*iam*  List" in read_only
    assert "allows everything, in every service" in admin
    assert "makes an administrator" in admin
    own = answer(at, at.sec, "policy arn:aws:iam::aws:policy/IAMUserChangePassword").words()
    assert "*iam*  some Read, some Write (resources: all (Read), some (Write))" in own
    missing = answer(at, at.sec, "policy arn:aws:iam::aws:policy/Nope").words()
    assert "AWS knows no policy" in missing
    assert "no policy" in answer(at, at.sec, "policy carol").words()
    assert "one policy by its ARN" in answer(at, at.sec, "policy").words()


def test_every_command_in_the_registry_is_dispatched_and_no_other(at: Office) -> None:
    """A command that is missing on either side would fail here."""
    parts = at.desk.parts
    client, longest = parts.clients.background, parts.longest_exemption
    acting = Acting(at.service, parts.asker, at.desk.renderer, client, at.desk.changed, longest)
    overview = at.desk.overview
    around = Around(at.desk.look, at.desk.problems, lambda _: Queue((), ()))

    assert set(commanding(acting, overview, around).runs()) == set(COMMANDS)
