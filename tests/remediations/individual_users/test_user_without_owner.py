"""A user without an owner gets the tag, where an owner is known; else people find out."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.protecting import Guard
from bot.model import Manual, Plan, Protection, Risk, Snapshot
from remediations.individual_users import user_without_owner as control
from tests.remediations.acting import Acting, snapshot_of, stopped_by
from tests.remediations.people import found

ADDRESS = "ann+x@example.org"


def seed(account: AccountBuilder, days: float = 40) -> None:
    """A user whose name is an address, in a group, without tags."""
    account.user(ADDRESS, created=account.ago(days=days), groups=["readers"])


def just_within(account: AccountBuilder) -> None:
    """Made seven days ago."""
    seed(account, 7)


def just_beyond(account: AccountBuilder) -> None:
    """Made a second more than seven days ago."""
    seed(account, 7 + 1 / 86400)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def _fix(snapshot: Snapshot) -> Plan | Manual:
    (finding,) = found(control, snapshot)
    return control.plan(finding, snapshot, control.CONTROL.settings())


def _owned(snapshot: Snapshot, owner: str) -> Snapshot:
    return replace(snapshot, owners={user.id: owner for user in snapshot.users})


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param({}, True, id="none"),
        pytest.param({"cost-center": "7"}, True, id="another tag"),
        pytest.param({"owner": "  "}, True, id="an empty one"),
        pytest.param({"owner": "ann@example.org"}, False, id="owner"),
        pytest.param({"OWNER": "U0ANN"}, False, id="whatever the case"),
        pytest.param({"contact": "web@example.org"}, False, id="contact"),
        pytest.param({"Team": "web"}, False, id="a team"),
    ],
)
def test_which_tags_name_an_owner(
    account: AccountBuilder, tags: Mapping[str, str], expected: bool
) -> None:
    account.user("ci", created=account.ago(days=40), tags=tags)
    assert bool(found(control, snapshot_of(account))) is expected


@pytest.mark.parametrize(
    "protection",
    [
        pytest.param(Protection(break_glass=("*:user/ci",)), id="break-glass"),
        pytest.param(Protection(own=("arn:aws:iam::123456789012:user/ci",)), id="own"),
    ],
)
def test_break_glass_and_own_users_are_left_out(
    account: AccountBuilder, protection: Protection
) -> None:
    account.user("ci", created=account.ago(days=40))
    assert found(control, snapshot_of(account))
    assert not found(control, snapshot_of(account, protection))


@pytest.mark.parametrize(
    ("name", "known", "owner"),
    [
        pytest.param("ci", "U0ANN", "U0ANN", id="by the owners' sources"),
        pytest.param(ADDRESS, "", ADDRESS, id="by the name"),
        pytest.param(ADDRESS, "U0ANN", "U0ANN", id="the sources before the name"),
        pytest.param("ci", "", None, id="nobody knows"),
        pytest.param("ci@build", "", None, id="a name with an at sign is no address"),
        pytest.param("a@b@c.org", "", None, id="nor one with two"),
        pytest.param("a,b@c.org", "", None, id="nor one with a comma"),
        pytest.param("ci", "o'hara!@example.org", None, id="no text for a tag"),
        pytest.param("ci", "<!channel>", None, id="a ping"),
        pytest.param("ci", "\u202eann", None, id="turned around"),
    ],
)
def test_who_is_proposed(account: AccountBuilder, name: str, known: str, owner: str | None) -> None:
    """What AWS takes for no tag is for people, as is what nobody knows."""
    account.user(name, created=account.ago(days=40))
    snapshot = snapshot_of(account)
    fix = _fix(_owned(snapshot, known) if known else snapshot)
    if owner is None:
        assert isinstance(fix, Manual)
        return
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.REVERSIBLE
    (step,) = fix.steps
    assert step.do.params["Tags"] == [{"Key": "owner", "Value": owner}]


def test_tagged_and_untagged_again(account: AccountBuilder) -> None:
    """Other tags stay as they are."""
    account.user("ci", created=account.ago(days=40), tags={"cost-center": "7"})
    fix = _fix(_owned(snapshot_of(account), "U0ANN"))
    assert isinstance(fix, Plan)
    acting = Acting(account, fix)
    acting.apply()
    after = snapshot_of(account)
    assert after.users[0].tags == {"cost-center": "7", "owner": "U0ANN"}
    assert not found(control, after)
    acting.undo()
    assert snapshot_of(account).users[0].tags == {"cost-center": "7"}


def test_an_empty_tag_is_not_overwritten(account: AccountBuilder) -> None:
    """AWS takes `Owner` and `owner` for one tag, so undo could not bring back what was there."""
    account.user("ci", created=account.ago(days=40), tags={"Owner": ""})
    assert isinstance(_fix(_owned(snapshot_of(account), "U0ANN")), Manual)


def test_somebody_tags_meanwhile(account: AccountBuilder) -> None:
    account.user("ci", created=account.ago(days=40))
    fix = _fix(_owned(snapshot_of(account), "U0ANN"))
    assert isinstance(fix, Plan)

    def tag() -> None:
        account.client().tag_user(UserName="ci", Tags=[{"Key": "owner", "Value": "bob"}])

    assert stopped_by(account, fix, "tag", tag) == ["ci has a tag owner by now"]


def test_a_protected_user_is_not_tagged(account: AccountBuilder) -> None:
    account.user("ci", created=account.ago(days=40))
    fix = _fix(_owned(snapshot_of(account), "U0ANN"))
    assert isinstance(fix, Plan)
    guarded = snapshot_of(account, Protection(protected=("*:user/ci",)))
    assert "protected list" in (Guard.on(guarded)(fix) or "")


@pytest.mark.parametrize("name", ["a@b", "a,b", "a+b=c", "-rf"])
def test_commands_can_be_copied_whatever_the_name(account: AccountBuilder, name: str) -> None:
    account.user(name, created=account.ago(days=40))
    fix = _fix(snapshot_of(account))
    assert isinstance(fix, Manual)
    words = shlex.split(fix.steps[2].partition("or: ")[2])
    assert words[words.index("--user-name") + 1] == name
