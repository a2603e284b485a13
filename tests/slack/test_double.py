"""The double against Slack's own client: state, tokens, limits, rates, faults."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from tests.conftest import StandingClock
from tests.slack.double import BOT_SCOPES, SlackDouble, User


def text(words: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": words}


def plain(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


def button(action: str, value: str = "p-1") -> dict[str, Any]:
    return {"type": "button", "action_id": action, "text": plain(action), "value": value}


def card(words: str = "Remove the key?") -> list[dict[str, Any]]:
    return [
        {"type": "section", "text": text(words)},
        {"type": "actions", "elements": [button("approve"), button("deny")]},
    ]


def modal(**more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("Why"), "blocks": card(), **more}


@pytest.fixture
def double(slack_double: SlackDouble) -> SlackDouble:
    return slack_double


@pytest.fixture
def web(double: SlackDouble) -> WebClient:
    return WebClient(token=double.bot_token, base_url=double.base_url, timeout=5)


@pytest.fixture
def alice(double: SlackDouble) -> User:
    return double.add_user("alice")


def refused(call: Callable[..., Any], **args: Any) -> dict[str, Any]:
    """The answer of a call that is refused."""
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    answer = caught.value.response.data
    assert isinstance(answer, dict)
    return answer


def error(call: Callable[..., Any], **args: Any) -> str:
    return str(refused(call, **args)["error"])


def patient(double: SlackDouble) -> WebClient:
    """A client that doesn't repeat what was dropped."""
    return WebClient(token=double.bot_token, base_url=double.base_url, timeout=1, retry_handlers=[])


class TestTokens:
    def test_says_whose_token_it_is_and_what_it_may(
        self, double: SlackDouble, web: WebClient
    ) -> None:
        answer = web.auth_test()
        assert answer["user_id"] == double.workspace.bot_user
        assert answer["team_id"] == double.workspace.team_id
        assert set(answer.headers["x-oauth-scopes"].split(",")) == BOT_SCOPES

    def test_refuses_wrong_tokens(self, double: SlackDouble, web: WebClient) -> None:
        assert error(web.auth_test, token="xoxb-other") == "invalid_auth"
        app = double.app_token
        assert error(web.team_info, token=app) == "not_allowed_token_type"
        bot = double.bot_token
        assert error(web.apps_connections_open, app_token=bot) == "not_allowed_token_type"
        assert error(WebClient(base_url=double.base_url).auth_test) == "not_authed"
        double.token(bot).revoked = True
        assert error(web.auth_test) == "token_revoked"

    def test_demands_each_methods_scope(self, double: SlackDouble, web: WebClient) -> None:
        double.token(double.bot_token).scopes = frozenset({"users:read"})
        answer = refused(web.team_info)
        assert (answer["error"], answer["needed"]) == ("missing_scope", "team:read")
        assert answer["provided"] == "users:read"

    def test_demands_the_scope_of_each_kind_of_channel(
        self, double: SlackDouble, web: WebClient, alice: User
    ) -> None:
        double.token(double.bot_token).scopes = frozenset({"im:history"})
        assert web.conversations_history(channel=double.dm_channel(alice))["messages"] == []
        secret = double.add_channel("secret", is_private=True)
        assert refused(web.conversations_history, channel=secret.id)["needed"] == "groups:history"

    def test_knows_no_other_method(self, web: WebClient) -> None:
        assert error(web.api_call, api_method="chat.shout") == "unknown_method"


class TestMessages:
    def test_keeps_what_was_posted(self, double: SlackDouble, web: WebClient, alice: User) -> None:
        known = {"event_type": "proposal", "event_payload": {"id": "p-1"}}
        answer = web.chat_postMessage(channel=alice.id, text="Hi", blocks=card(), metadata=known)
        assert answer["channel"] == double.dm_channel(alice)
        (message,) = double.dm(alice)
        assert message.ts == answer["ts"]
        assert [one.action_id for one in message.buttons()] == ["approve", "deny"]
        assert message.button("deny").value == "p-1"
        assert message.words() == "Remove the key?\napprove\ndeny"
        shown = web.conversations_history(channel=answer["channel"])["messages"]
        assert "metadata" not in shown[0]
        shown = web.conversations_history(channel=answer["channel"], include_all_metadata=True)
        assert shown["messages"][0]["metadata"] == known

    def test_pages_history_newest_first(self, double: SlackDouble, web: WebClient) -> None:
        channel = double.add_channel("iam").id
        stamps = [web.chat_postMessage(channel=channel, text=str(n))["ts"] for n in range(5)]
        pages = [
            [one["text"] for one in page["messages"]]
            for page in web.conversations_history(channel=channel, limit=2)
        ]
        assert pages == [["4", "3"], ["2", "1"], ["0"]]
        between = web.conversations_history(channel=channel, oldest=stamps[1], latest=stamps[3])
        assert [one["text"] for one in between["messages"]] == ["2"]
        assert stamps == sorted(set(stamps), key=float)

    def test_keeps_replies_in_their_thread(self, double: SlackDouble, web: WebClient) -> None:
        channel = double.add_channel("iam").id
        ts = web.chat_postMessage(channel=channel, text="first")["ts"]
        reply = web.chat_postMessage(channel=channel, text="reply", thread_ts=ts)["ts"]
        (top,) = web.conversations_history(channel=channel)["messages"]
        assert top["reply_count"] == 1
        replies = web.conversations_replies(channel=channel, ts=ts)["messages"]
        assert [one["text"] for one in replies] == ["first", "reply"]
        assert [one.text for one in double.thread(channel, ts)] == ["reply"]
        post = web.chat_postMessage
        assert error(post, channel=channel, text="x", thread_ts="1.2") == "thread_not_found"
        answer = error(post, channel=channel, text="x", thread_ts=reply)
        assert answer == "cannot_reply_to_message"

    def test_keeps_old_blocks_unless_told(
        self, double: SlackDouble, web: WebClient, alice: User
    ) -> None:
        sent = web.chat_postMessage(channel=alice.id, text="Hi", blocks=card())
        where = {"channel": sent["channel"], "ts": sent["ts"]}
        web.chat_update(**where, text="Done")
        (message,) = double.dm(alice)
        assert (message.text, len(message.buttons())) == ("Done", 2)
        web.chat_update(**where, text="Done", blocks=[])
        (message,) = double.dm(alice)
        assert message.buttons() == []
        assert message.edited is not None
        assert [words for words, _ in message.earlier] == ["Hi", "Done"]

    def test_edits_and_deletes_only_its_own(
        self, double: SlackDouble, web: WebClient, alice: User
    ) -> None:
        dm = double.dm_channel(alice)
        theirs = double.say(alice, dm, "mine").ts
        ts = web.chat_postMessage(channel=alice.id, text="Hi")["ts"]
        update = web.chat_update
        assert error(update, channel=dm, ts=theirs, text="x") == "cant_update_message"
        assert error(update, channel=alice.id, ts=ts, text="x") == "channel_not_found"
        assert error(update, channel=dm, ts="1.2", text="x") == "message_not_found"
        assert error(update, channel=dm, ts=ts, text="x" * 4001) == "msg_too_long"
        assert error(web.chat_delete, channel=dm, ts=theirs) == "cant_delete_message"
        link = web.chat_getPermalink(channel=dm, message_ts=ts)["permalink"]
        assert link.endswith(f"/{dm}/p{ts.replace('.', '')}")
        web.chat_delete(channel=dm, ts=ts)
        assert [one.text for one in double.dm(alice)] == ["mine"]

    def test_refuses_channels_it_may_not_post_to(self, double: SlackDouble, web: WebClient) -> None:
        def posted(**flags: Any) -> str:
            channel = double.add_channel("there", **flags)
            return error(web.chat_postMessage, channel=channel.id, text="Hi")

        assert posted(with_bot=False) == "not_in_channel"
        assert posted(with_bot=False, is_private=True) == "channel_not_found"
        assert posted(is_archived=True) == "is_archived"
        assert posted(posting_restricted=True) == "restricted_action"
        assert error(web.chat_postMessage, channel="C0", text="Hi") == "channel_not_found"
        channel = double.add_channel("empty").id
        empty = {"channel": channel, "text": "", "blocks": []}
        assert error(web.api_call, api_method="chat.postMessage", json=empty) == "no_text"

    def test_shows_ephemerals_to_members_only(
        self, double: SlackDouble, web: WebClient, alice: User
    ) -> None:
        bob = double.add_user("bob")
        channel = double.add_channel("iam", [alice]).id
        web.chat_postEphemeral(channel=channel, user=alice.id, text="psst")
        assert [one.text for one in double.ephemerals(alice)] == ["psst"]
        assert double.messages(channel) == double.ephemerals(bob) == []
        answer = error(web.chat_postEphemeral, channel=channel, user=bob.id, text="psst")
        assert answer == "user_not_in_channel"


class TestLimits:
    @pytest.mark.parametrize(
        ("blocks", "code"),
        [
            ([{"type": "divider"}] * 50, None),
            ([{"type": "divider"}] * 51, "invalid_blocks"),
            (card("x" * 3000), None),
            (card("x" * 3001), "invalid_blocks"),
            (card(""), "invalid_blocks"),
            ([{"type": "actions", "elements": [button("a", "v" * 2001)]}], "invalid_blocks"),
            ([{"type": "actions", "elements": [button("a"), button("a")]}], "invalid_blocks"),
            ([{"type": "actions", "elements": []}], "invalid_blocks"),
            ([{"type": "nonsense"}], "invalid_blocks"),
            ([{"type": "header", "text": text("no")}], "invalid_blocks"),
            ([{"type": "divider", "block_id": "same"}] * 2, "invalid_blocks"),
            ([{"type": "section", "text": text("x" * 2800)}] * 5, "msg_blocks_too_long"),
        ],
    )
    def test_takes_messages_up_to_them(
        self, web: WebClient, alice: User, blocks: list[Any], code: str | None
    ) -> None:
        if code is None:
            assert web.chat_postMessage(channel=alice.id, text="Hi", blocks=blocks)["ok"]
        else:
            got = error(web.chat_postMessage, channel=alice.id, text="Hi", blocks=blocks)
            assert got == code

    def test_points_at_what_is_wrong(self, web: WebClient, alice: User) -> None:
        answer = refused(web.chat_postMessage, channel=alice.id, text="Hi", blocks=card(""))
        (said,) = answer["response_metadata"]["messages"]
        assert said.endswith("[json-pointer:/blocks/0/text/text]")

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"private_metadata": "x" * 3000}, None),
            ({"private_metadata": "x" * 3001}, "invalid_arguments"),
            ({"title": plain("x" * 25)}, "invalid_arguments"),
            ({"blocks": [{"type": "divider"}] * 101}, "invalid_arguments"),
            ({"blocks": card("x" * 2600) * 100}, "view_too_large"),
            ({"type": "home"}, "invalid_arguments"),
            (
                {"blocks": [{
                    "type": "input", "label": plain("Why"),
                    "element": {"type": "plain_text_input", "action_id": "why"},
                }]},
                "invalid_arguments",
            ),
        ],
    )  # fmt: skip
    def test_takes_views_up_to_them(
        self, double: SlackDouble, web: WebClient, alice: User, more: Any, code: str | None
    ) -> None:
        trigger = double.workspace.trigger(alice.id)
        if code is None:
            assert web.views_open(trigger_id=trigger, view=modal(**more))["ok"]
        else:
            assert error(web.views_open, trigger_id=trigger, view=modal(**more)) == code


class TestPeople:
    def test_shows_users_as_slack_does(
        self, double: SlackDouble, web: WebClient, alice: User
    ) -> None:
        shown = web.users_info(user=alice.id)["user"]
        assert shown["profile"]["email"] == "alice@example.com"
        assert (shown["tz"], shown["is_restricted"]) == ("Europe/Berlin", False)
        assert web.users_lookupByEmail(email="Alice@example.com")["user"]["id"] == alice.id
        assert error(web.users_info, user="U0") == "user_not_found"
        assert error(web.users_lookupByEmail, email="no@example.com") == "users_not_found"
        double.token(double.bot_token).scopes = frozenset({"users:read"})
        assert "email" not in web.users_info(user=alice.id)["user"]["profile"]

    def test_lets_deactivated_users_be_written_to_in_vain(
        self, double: SlackDouble, web: WebClient
    ) -> None:
        gone = double.add_user("gone", deleted=True)
        shown = web.users_info(user=gone.id)["user"]
        assert shown["deleted"]
        assert "tz" not in shown
        assert error(web.conversations_open, users=[gone.id]) == "user_disabled"
        assert error(web.users_lookupByEmail, email="gone@example.com") == "users_not_found"
        assert web.chat_postMessage(channel=gone.id, text="Hello?")["ok"]

    def test_opens_direct_messages_once(self, double: SlackDouble, web: WebClient) -> None:
        alice = double.add_user("alice")
        first = web.conversations_open(users=alice.id)
        assert first["channel"]["id"] == double.dm_channel(alice)
        assert web.conversations_open(users=alice.id)["already_open"]
        assert error(web.conversations_open, users="U0") == "user_not_found"
        assert error(web.conversations_open, users=double.workspace.bot_user) == "cannot_dm_bot"

    def test_describes_channels_and_pages_members(
        self, double: SlackDouble, web: WebClient, alice: User
    ) -> None:
        bob = double.add_user("bob", team_id="T0000OTHER")
        channel = double.add_channel("both", [alice, bob], is_ext_shared=True)
        shown = web.conversations_info(channel=channel.id)["channel"]
        assert (shown["is_ext_shared"], shown["is_member"]) == (True, True)
        assert web.users_info(user=bob.id)["user"]["team_id"] == "T0000OTHER"
        pages = [page["members"] for page in web.conversations_members(channel=channel.id, limit=2)]
        assert pages == [[alice.id, bob.id], [double.workspace.bot_user]]

    def test_knows_user_groups(self, double: SlackDouble, web: WebClient, alice: User) -> None:
        group = double.add_user_group("iam-security", [alice])
        assert web.usergroups_users_list(usergroup=group.id)["users"] == [alice.id]
        (listed,) = web.usergroups_list(include_users=True)["usergroups"]
        assert (listed["handle"], listed["users"]) == ("iam-security", [alice.id])
        assert error(web.usergroups_users_list, usergroup="S0") == "no_such_subteam"
        double.workspace.paid = False
        assert error(web.usergroups_list) == "plan_upgrade_required"


class TestViews:
    def test_takes_a_trigger_once_and_for_three_seconds(self, clock: StandingClock) -> None:
        with SlackDouble(clock=clock) as double:
            web = WebClient(token=double.bot_token, base_url=double.base_url)
            alice = double.add_user("alice")
            trigger = double.workspace.trigger(alice.id)
            clock.pass_time(seconds=3)
            web.views_open(trigger_id=trigger, view=modal())
            assert double.modal(alice).title == "Why"
            again = error(web.views_open, trigger_id=trigger, view=modal())
            assert again == "exchanged_trigger_id"
            late = double.workspace.trigger(alice.id)
            clock.pass_time(seconds=3.1)
            assert error(web.views_open, trigger_id=late, view=modal()) == "expired_trigger_id"
            assert error(web.views_open, trigger_id="1.2", view=modal()) == "invalid_trigger_id"

    def test_stacks_three_modals(self, double: SlackDouble, web: WebClient, alice: User) -> None:
        opened = web.views_open(trigger_id=double.workspace.trigger(alice.id), view=modal())
        for _ in range(2):
            inside = double.workspace.trigger(alice.id, opened["view"]["id"])
            pushed = web.views_push(trigger_id=inside, view=modal())["view"]
        assert pushed["root_view_id"] == opened["view"]["id"]
        inside = double.workspace.trigger(alice.id, opened["view"]["id"])
        assert error(web.views_push, trigger_id=inside, view=modal()) == "push_limit_reached"
        assert len(double.modals(alice)) == 3

    def test_updates_only_the_view_that_was_meant(
        self, double: SlackDouble, web: WebClient, alice: User
    ) -> None:
        view = web.views_open(trigger_id=double.workspace.trigger(alice.id), view=modal())["view"]
        new = web.views_update(view_id=view["id"], hash=view["hash"], view=modal())["view"]
        assert new["hash"] != view["hash"]
        old = {"view_id": view["id"], "hash": view["hash"], "view": modal()}
        assert error(web.views_update, **old) == "hash_conflict"
        double.close_view(alice)
        assert error(web.views_update, view_id=view["id"], view=modal()) == "not_found"

    def test_publishes_homes(self, double: SlackDouble, web: WebClient, alice: User) -> None:
        home = {"type": "home", "blocks": card("My queue")}
        web.views_publish(user_id=alice.id, view=home)
        assert double.home(alice).words().startswith("My queue")
        assert error(web.views_publish, user_id="U0", view=home) == "user_not_found"
        double.workspace.home_tab = False
        assert error(web.views_publish, user_id=alice.id, view=home) == "not_enabled"


class TestRates:
    def test_takes_one_message_a_second_and_channel(self, clock: StandingClock) -> None:
        with SlackDouble(clock=clock, rate_scale=1) as double:
            web = WebClient(token=double.bot_token, base_url=double.base_url)
            alice, bob = double.add_user("alice"), double.add_user("bob")
            web.chat_postMessage(channel=alice.id, text="1")
            web.chat_postMessage(channel=bob.id, text="1")
            with pytest.raises(SlackApiError) as caught:
                web.chat_postMessage(channel=double.dm_channel(alice), text="2")
            assert caught.value.response.status_code == 429
            assert caught.value.response.headers["Retry-After"] == "1"
            assert len(double.rate_violations) == 1
            clock.pass_time(seconds=1)
            web.chat_postMessage(channel=alice.id, text="2")
            assert [one.text for one in double.dm(alice)] == ["1", "2"]

    def test_counts_a_methods_calls_by_the_minute(self, clock: StandingClock) -> None:
        with SlackDouble(clock=clock, rate_scale=1) as double:
            web = WebClient(token=double.bot_token, base_url=double.base_url)
            for _ in range(20):
                web.usergroups_list()
            assert error(web.usergroups_list) == "ratelimited"
            clock.pass_time(seconds=60)
            web.usergroups_list()

    def test_enforces_none_unless_told(self, double: SlackDouble, web: WebClient) -> None:
        for _ in range(21):
            web.usergroups_list()
        assert double.rate_violations == []


class TestFaults:
    def test_fails_as_told_then_works(
        self, double: SlackDouble, web: WebClient, alice: User
    ) -> None:
        double.fail("chat.postMessage", error="internal_error")
        double.fail("chat.postMessage", retry_after=7)
        double.fail("*", status=500)
        post = web.chat_postMessage
        assert error(post, channel=alice.id, text="Hi") == "internal_error"
        assert error(post, channel=alice.id, text="Hi") == "ratelimited"
        with pytest.raises(SlackApiError) as caught:
            post(channel=alice.id, text="Hi")
        assert caught.value.response.status_code == 500
        assert double.dm(alice) == []
        assert double.faults.left() == 0
        assert post(channel=alice.id, text="Hi")["ok"]
        calls = double.calls_of("chat.postMessage")
        assert [one.applied for one in calls] == [False, False, False, True]
        assert [one.status for one in calls] == [200, 429, 500, 200]
        assert [one.error for one in calls] == ["internal_error", "ratelimited", None, None]
        assert calls[-1].ok
        assert calls[-1].args["text"] == "Hi"

    def test_loses_requests_and_answers(self, double: SlackDouble, alice: User) -> None:
        web = patient(double)
        double.fail("chat.postMessage", drop="before")
        double.fail("chat.postMessage", drop="after")
        for there in (0, 1):
            with pytest.raises(OSError, match="closed connection"):
                web.chat_postMessage(channel=alice.id, text="Hi")
            assert len(double.dm(alice)) == there
        assert [one.applied for one in double.calls] == [False, True]
        assert [one.answer for one in double.calls] == [None, None]

    def test_lets_slack_sdks_own_retry_post_twice(self, double: SlackDouble, alice: User) -> None:
        web = WebClient(
            token=double.bot_token, base_url=double.base_url,
            retry_handlers=[ConnectionErrorRetryHandler()],
        )  # fmt: skip
        double.fail("chat.postMessage", drop="after")
        web.chat_postMessage(channel=alice.id, text="Hi")
        assert [one.text for one in double.dm(alice)] == ["Hi", "Hi"]

    def test_is_late(self, double: SlackDouble, alice: User) -> None:
        web = WebClient(
            token=double.bot_token, base_url=double.base_url, timeout=1, retry_handlers=[]
        )
        web.timeout = 0.1
        double.fail("chat.postMessage", late=0.3)
        with pytest.raises(TimeoutError):
            web.chat_postMessage(channel=alice.id, text="Hi")
        assert threading.Event().wait(0.4) is False
        assert [one.text for one in double.dm(alice)] == ["Hi"]

    def test_goes_away_and_comes_back(self, double: SlackDouble, alice: User) -> None:
        web = patient(double)
        double.down()
        with pytest.raises(OSError, match="refused"):
            web.chat_postMessage(channel=alice.id, text="Hi")
        double.up()
        assert web.chat_postMessage(channel=alice.id, text="Hi")["ok"]

    def test_drops_what_waits_when_it_goes_away(self, double: SlackDouble) -> None:
        double.fail("auth.test", late=30)
        lost: list[BaseException] = []

        def ask() -> None:
            try:
                patient(double).auth_test()
            except OSError as error:
                lost.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        while not double.calls:
            threading.Event().wait(0.01)
        double.down()
        thread.join(2)
        assert len(lost) == 1


class TestResponseUrls:
    def test_are_good_five_times_in_half_an_hour(self, clock: StandingClock) -> None:
        with SlackDouble(clock=clock) as double:
            alice = double.add_user("alice")
            first = double.command(alice, "/locksmith", "help")
            hook = WebhookClient(first.payload["response_url"])
            for number in range(5):
                assert hook.send(text=str(number)).status_code == 200
            assert hook.send(text="5").status_code == 404
            assert [one.text for one in double.ephemerals(alice)] == list("01234")
            late = WebhookClient(double.command(alice, "/locksmith").payload["response_url"])
            clock.pass_time(minutes=31)
            assert "expired_url" in late.send(text="late").body

    def test_replace_and_delete_the_original(
        self, double: SlackDouble, web: WebClient, alice: User
    ) -> None:
        sent = web.chat_postMessage(channel=alice.id, text="Hi", blocks=card())
        click = double.click(alice, sent["channel"], sent["ts"], "approve")
        assert click.problem == "no_socket"
        hook = WebhookClient(click.payload["response_url"])
        hook.send(text="Working", replace_original=True)
        assert [(one.text, one.buttons()) for one in double.dm(alice)] == [("Working", [])]
        hook.send(delete_original=True)
        assert double.dm(alice) == []
        assert [one.method for one in double.calls[-2:]] == ["response_url"] * 2
