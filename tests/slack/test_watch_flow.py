"""After the change, through a whole desk: harm is told with a button, or taken back by the rule."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.aws.simulated.server import SimulatedAccount
from bot.engine.cards import AFTER
from bot.model import Origin, ProposalState
from bot.store import dues, proposals
from tests.slack.desks import Office, office, wait_for
from tests.slack.double import SlackDouble
from tests.slack.test_rules_flow import RULE, done, told


@contextmanager
def switched_off(
    cloud: SimulatedAccount,
    slack: SlackDouble,
    template: Path,
    *,
    watch: Mapping[str, Any] | None = None,
    **more: Any,
) -> Iterator[Office]:
    """The rule has switched carol's key off; `more` are its words."""
    settings = {"remediation": {"rules": [{**RULE, **more}]}, "watch": watch or {}}
    with office(cloud, slack, template, **settings) as at:
        cloud.calls.clear()
        told(at)
        wait_for(lambda: done(at), "that the rule acted")
        yield at


def look(at: Office) -> None:
    """The next look falls due now."""
    with at.store.write() as tx:
        for due in dues.all_due(tx):
            if due.kind == AFTER:
                dues.set_due(tx, AFTER, due.subject, tx.now)
    at.desk.ticker().tick()


def harm(at: Office) -> None:
    """AWS shows by now that carol's key was in use until it was switched off."""
    account = at.cloud.account
    (key,) = (one for one in account.iam.access_keys.values() if one.user_name == "carol")
    account.use_key(str(key.access_key_id), at=account.ago(hours=1))


def undos(at: Office) -> list[ProposalState]:
    with at.store.read() as tx:
        known = proposals.list_proposals(tx)
    return [each.state for each in known if each.origin is Origin.UNDO]


def offered(at: Office) -> set[str]:
    """The buttons below the question that ann can say yes to, once there is one."""
    found: list[set[str]] = []

    def there() -> bool:
        buttons = [{each.action_id for each in card.buttons()} for card in at.slack.dm(at.ann)]
        found[:] = [each for each in buttons if "approve" in each]
        return bool(found)

    wait_for(there, "a question to ann")
    return found[-1]


def test_the_owner_is_told_and_takes_it_back_by_a_click(
    carols_cloud: SimulatedAccount, slack_double: SlackDouble, sqlite_template: Path
) -> None:
    with switched_off(carols_cloud, slack_double, sqlite_template) as at:
        harm(at)
        look(at)
        notice = at.card(at.ann, "may have done harm")
        assert "was used" in notice.words()
        assert at.writes() == ["UpdateAccessKey"]

        at.slack.click(at.ann, notice.channel, notice.ts, "undo")

        wait_for(lambda: undos(at) == [ProposalState.PENDING], "the question of the undo")
        assert "exempt" not in offered(at), "what it is about is no violation now"
        assert at.writes() == ["UpdateAccessKey"]


def test_a_rule_that_says_so_takes_it_back_by_itself(
    carols_cloud: SimulatedAccount, slack_double: SlackDouble, sqlite_template: Path
) -> None:
    with switched_off(carols_cloud, slack_double, sqlite_template, undo_on_harm=True) as at:
        card = at.card(at.ann, "AKIA")
        harm(at)
        look(at)

        wait_for(lambda: undos(at) == [ProposalState.DONE], "that the rule took it back")
        at.shows(card, "Undone")
        assert at.writes() == ["UpdateAccessKey", "UpdateAccessKey"]
        assert "takes it back by itself" in at.card(at.ann, "may have done harm").words()

        at.scan()
        with at.store.read() as tx:
            still = proposals.open_proposals(tx, at.desk.parts.accounts.only())
        assert "unused-access-key" not in {each.control for each in still}  # its finding is held


def is_over(at: Office) -> bool:
    """Whether nothing is looked at any more, once it was looked again."""
    look(at)
    with at.store.read() as tx:
        return all(due.kind != AFTER for due in dues.all_due(tx))


def test_at_its_end_the_card_says_what_was_looked_at_and_what_nobody_sees(
    carols_cloud: SimulatedAccount, slack_double: SlackDouble, sqlite_template: Path
) -> None:
    watch = {"days": 0.000_001}
    with switched_off(carols_cloud, slack_double, sqlite_template, watch=watch) as at:
        card = at.card(at.ann, "AKIA")
        wait_for(lambda: is_over(at), "the end of the watch")
        shown = at.shows(card, "no harm was seen in the status and the last use of").words()
        assert "leaves no entry anywhere" in shown
