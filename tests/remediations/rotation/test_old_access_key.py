"""Old keys: idle ones are switched off, for the others people get the exact steps."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Part, Plan, Protection, Risk, SecretStore
from remediations.rotation import old_access_key as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ago, found, key, person, planned, seen

SECOND = timedelta(seconds=1)


def seed(account: AccountBuilder) -> None:
    """An old key that was idle for 40 days: too short to be unused, long enough to be idle."""
    account.user("program", created=account.ago(days=900))
    account.key("program", created=account.ago(days=400), last_used=account.ago(days=40))
    account.key(
        "program", created=account.ago(days=80), status="Inactive", changed=account.ago(days=9)
    )


def just_within(account: AccountBuilder) -> None:
    """Exactly 90 days old, and in use."""
    account.user("program", created=account.ago(days=900))
    account.key("program", created=account.ago(days=90), last_used=account.ago(days=1))


def just_beyond(account: AccountBuilder) -> None:
    """90 days and a second old, and in use."""
    account.user("program", created=account.ago(days=900))
    account.key("program", created=account.ago(days=90) - SECOND, last_used=account.ago(days=1))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(key(created=ago(90) - SECOND, last_used=ago(1)), True, id="too old"),
        pytest.param(key(created=ago(90), last_used=ago(1)), False, id="at the limit"),
        pytest.param(key(created=ago(400), active=False), False, id="off"),
        pytest.param(key(created=ago(400)), True, id="old and never used"),
    ],
)
def test_which_keys_are_found(one: Any, expected: bool) -> None:
    """Active and older than the limit, used or not."""
    assert bool(found(control, seen(person(keys=(one,))))) is expected


def test_the_real_age_counts_once_the_key_is_named() -> None:
    """The report knows a key by its last change; AWS lists when it was made."""
    reported, listed = key(created=ago(5)), key(created=ago(100), key_id="AKIA1")
    assert not found(control, seen(person(keys=(reported,))))
    assert found(control, seen(person(keys=(reported,), listed=(listed,))))


@pytest.mark.parametrize(
    ("last_used", "kind"),
    [
        pytest.param(ago(30) - SECOND, Plan, id="idle past the margin"),
        pytest.param(ago(30), Manual, id="used at the margin"),
        pytest.param(ago(hours=2), Manual, id="in use"),
        pytest.param(None, Plan, id="never used"),
    ],
)
def test_only_an_idle_key_is_switched_off(last_used: Any, kind: type) -> None:
    """Switching a key in use off would stop what uses it."""
    listed = key(created=ago(100), last_used=last_used, key_id="AKIA1")
    assert isinstance(planned(control, seen(person(listed=(listed,)))), kind)


def test_the_steps_name_user_and_key() -> None:
    """Each command can be copied; nothing in them changes from day to day."""
    listed = key(created=ago(100), last_used=ago(hours=2), key_id="AKIA1")
    fix = planned(control, seen(person("svc+mail@example.org", listed=(listed,))))
    assert isinstance(fix, Manual)
    text = "\n".join(fix.steps)
    for command in ("list-access-keys", "create-access-key", "update-access-key"):
        assert f"aws iam {command} --user-name svc+mail@example.org" in text
    assert "--access-key-id AKIA1 --status Inactive" in text
    assert "hours" not in text
    assert "AKIA1" in fix.reason


def test_protected_users_are_reported() -> None:
    """An old key of a break-glass user is old all the same."""
    alice = person(keys=(key(created=ago(100), last_used=ago(1)),))
    assert found(control, seen(alice, protection=Protection(break_glass=(alice.user.arn,))))


def test_root_is_no_user() -> None:
    """Root's keys are `root-access-key`'s."""
    assert not found(control, seen(root=person("root", keys=(key(created=ago(900)),)).row))


@pytest.mark.parametrize(
    ("policy", "leaked"),
    [
        ("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3", True),
        ("arn:aws:iam::123456789012:policy/AWSCompromisedKeyQuarantineV3", False),
    ],
    ids=["AWS's quarantine", "a policy of that name"],
)
def test_a_leaked_key_is_switched_off_for_good(policy: str, leaked: bool) -> None:
    """Nothing promises an undo that Locksmith would refuse; the evidence names the quarantine."""
    one = key(created=ago(100), last_used=ago(50), key_id="AKIA1")
    snapshot = seen(person(listed=(one,), attached=(policy,)))
    (finding,) = found(control, snapshot)
    assert finding.evidence.get("quarantined_by") == ([policy] if leaked else None)
    fix = planned(control, snapshot)
    assert isinstance(fix, Plan)
    assert fix.risk is (Risk.IRREVERSIBLE if leaked else Risk.REVERSIBLE)
    assert (fix.steps[0].undo is None) is leaked
    assert ("leaked" in fix.steps[0].irreversible_because) is leaked
    assert ("until it is switched on" in fix.breaks[0]) is not leaked


def test_it_says_how_long_sessions_stay_open() -> None:
    """A key that is off ends nothing that it opened."""
    fix = planned(control, seen(person(listed=(key(created=ago(100), key_id="AKIA1"),))))
    assert isinstance(fix, Plan)
    assert any("36 hours" in line and "12 hours" in line for line in fix.breaks)


READER = "arn:aws:iam::123456789012:role/app"
#: How each kind of key looks to the control; the old ones are past the limit of 90 days.
KEYS = {
    "old, used": {"created": ago(400), "last_used": ago(hours=2)},
    "old, idle": {"created": ago(399), "last_used": ago(100)},
    "old, never": {"created": ago(398)},
    "young, used": {"created": ago(20), "last_used": ago(hours=1)},
    "young, never": {"created": ago(19)},
    "off, used": {"created": ago(397), "last_used": ago(60), "active": False},
    "off, never": {"created": ago(18), "active": False},
}


def standing(*kinds: str, **parts: Any) -> Any:
    """A user with these kinds of keys, as AWS lists them."""
    listed = tuple(key(key_id=f"AKIA{n}", **KEYS[kind]) for n, kind in enumerate(kinds, start=1))
    store = SecretStore("eu-west-1", parts.get("current", {}))
    return seen(person("ci", listed=listed), parts={Part.SECRETS: store})


def stage(snapshot: Any, key_id: str, **settings: Any) -> str:
    """What is planned for a key, in a word; empty where it is not found."""
    chosen = {"readers": {"ci": READER}, **settings}
    for finding in found(control, snapshot, **chosen):
        if finding.subject == key_id:
            fix = control.plan(finding, snapshot, control.CONTROL.settings(**chosen))
            if isinstance(fix, Plan):
                return "off" if fix.steps[0].name == "deactivate" else "new key"
            return fix.reason
    return ""


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        # One key, active.
        (("old, used",), "new key"),
        (("old, idle",), "off"),
        (("old, never",), "off"),
        (("young, used",), ""),
        (("young, never",), ""),
        # One key, inactive.
        (("off, used",), ""),
        (("off, never",), ""),
        # Two active keys, one of them old.
        (("old, used", "young, used"), "was made to follow it"),
        (("old, used", "young, never"), "was made to follow it"),
        (("old, idle", "young, used"), "off"),
        (("old, idle", "young, never"), "off"),
        (("old, never", "young, used"), "off"),
        # Two active keys, both old.
        (("old, used", "old, used"), "only a person can say"),
        (("old, used", "old, idle"), "only a person can say"),
        (("old, idle", "old, used"), "off"),
        (("old, idle", "old, idle"), "off"),
        (("old, never", "old, never"), "off"),
        # Two active keys, both young.
        (("young, used", "young, never"), ""),
        # One active and one inactive.
        (("old, used", "off, used"), "takes the place"),
        (("old, used", "off, never"), "takes the place"),
        (("old, idle", "off, used"), "off"),
        (("young, used", "off, used"), ""),
        # Two inactive keys.
        (("off, used", "off, never"), ""),
        # More than AWS allows.
        (("old, used", "young, used", "young, never"), "has 3 keys"),
        (("old, used", "off, used", "off, never"), "has 3 keys"),
    ],
    ids=" + ".join,
)
def test_every_state_that_keys_can_be_in(kinds: tuple[str, ...], expected: str) -> None:
    """What the first key's rotation needs next; nothing in use is ever switched off."""
    said = stage(standing(*kinds), "AKIA1")
    assert said == expected or (expected and len(expected) > 8 and expected in said), said


@pytest.mark.parametrize("second", [None, *KEYS])
@pytest.mark.parametrize("first", KEYS)
def test_no_pair_of_keys_loses_one_that_works(first: str, second: str | None) -> None:
    """Of every pair: only an active key that is old is asked about, and only an idle one goes.

    A new key is made for a lone one in use; whatever else there is, people choose.
    """
    said = stage(standing(*(each for each in (first, second) if each)), "AKIA1")
    asked = first.startswith("old")
    assert bool(said) is asked
    assert (said == "off") is (asked and "used" not in first)
    assert (said == "new key") is (first == "old, used" and second is None)


def test_the_reader_of_the_mapping_file_counts_after_the_settings() -> None:
    """By the user's unique id; of another account it is nobody."""
    plain = standing("old, used")
    mapped = replace(plain, readers={"AIDACI": READER})
    assert stage(mapped, "AKIA1", readers={}) == "new key"
    assert "no setting says" in stage(
        replace(plain, readers={"AIDAX": READER}), "AKIA1", readers={}
    )
    foreign = {"AIDACI": READER.replace("123456789012", "210987654321")}
    assert "another account" in stage(replace(plain, readers=foreign), "AKIA1", readers={})
    assert stage(replace(plain, readers=foreign), "AKIA1") == "new key"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"readers": {}}, "no setting says who"),
        ({"readers": {"cd-*": READER}}, "no setting says who"),
        ({"readers": {"ci": READER.replace("123456789012", "210987654321")}}, "another account"),
    ],
    ids=["nobody", "not for this user", "of another account"],
)
def test_without_a_place_for_the_secret_no_key_is_made(settings: Any, said: str) -> None:
    """Whoever can't hand over a secret must not make keys."""
    reason = stage(standing("old, used"), "AKIA1", **settings)
    assert said in reason


def test_where_secrets_cant_be_looked_at_no_key_is_made() -> None:
    snapshot = seen(person("ci", listed=(key(key_id="AKIA1", **KEYS["old, used"]),)))
    assert "could not look" in stage(snapshot, "AKIA1")


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [("ci", "ci", True), ("c?", "ci", True), ("ci-*", "ci", False), ("CI", "ci", False)],
)
def test_who_may_read_is_found_by_the_users_name(pattern: str, name: str, fits: bool) -> None:
    listed = (key(key_id="AKIA1", **KEYS["old, used"]),)
    snapshot = seen(person(name, listed=listed), parts={Part.SECRETS: SecretStore("eu-west-1", {})})
    said = stage(snapshot, "AKIA1", readers={pattern: READER})
    assert (said == "new key") is fits


def test_the_first_key_gets_a_place_that_only_its_reader_sees() -> None:
    fix = planned(control, standing("old, used"), readers={"ci": READER})
    assert isinstance(fix, Plan)
    assert fix.whole
    assert [step.name for step in fix.steps] == ["place", "restrict", "make", "keep"]
    assert fix.steps[0].do.params["Name"] == "locksmith/ci/access-key"
    assert {step.do.region for step in fix.steps if step.do.service != "iam"} == {"eu-west-1"}
    assert READER in str(fix.steps[1].do.params["ResourcePolicy"])


PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"


@pytest.mark.parametrize(
    ("settings", "steps", "fields"),
    [
        pytest.param(
            {"readers": {"ci": READER}},
            ["place", "restrict", "make", "keep"],
            {"UserName", "AccessKeyId", "SecretAccessKey"},
            id="a reader",
        ),
        pytest.param(
            {"public_keys": {"c?": PUBLIC_KEY}},
            ["place", "make", "keep"],
            {"UserName", "AccessKeyId", "SealedSecretAccessKey", "Sealed"},
            id="a public key",
        ),
        pytest.param(
            {"readers": {"ci": READER}, "public_keys": {"ci": PUBLIC_KEY}},
            ["place", "restrict", "make", "keep"],
            {"UserName", "AccessKeyId", "SealedSecretAccessKey", "Sealed"},
            id="both",
        ),
    ],
)
def test_the_secret_is_sealed_where_there_is_a_public_key(
    settings: Any, steps: list[str], fields: set[str]
) -> None:
    """Who may read it is set where the settings name a reader."""
    fix = planned(control, standing("old, used"), **settings)
    assert isinstance(fix, Plan)
    assert [step.name for step in fix.steps] == steps
    kept: Any = fix.steps[-1].do.params["SecretString"]
    assert {*kept["$json"]} == fields
    looks = {look.read.operation for look in fix.steps[-2].before}
    assert ("GetResourcePolicy" in looks) is ("restrict" in steps)


def _renamed(account: AccountBuilder) -> None:
    account.iam.simulated_user("program").id = "AIDAANOTHER"


def _off(account: AccountBuilder) -> None:
    for each in account.iam.access_keys.values():
        each.status = "Inactive"


def _secret(account: AccountBuilder) -> None:
    account.client("secretsmanager").create_secret(
        Name="locksmith/program/access-key", SecretString="{}"
    )


@pytest.mark.parametrize(
    ("step", "meanwhile", "why"),
    [
        ("place", _renamed, "program is another user now"),
        ("place", lambda a: a.key("program"), "program has another key by now"),
        ("place", _off, "is not Active"),
        ("place", _secret, "locksmith/program/access-key is there already"),
        ("make", _renamed, "program is another user now"),
        ("make", lambda a: a.key("program"), "program has another key by now"),
        ("make", _off, "is not Active"),
        ("keep", _renamed, "program is another user now"),
    ],
)
def test_what_happens_meanwhile_stops_it(step: str, meanwhile: Any, why: str) -> None:
    """Before a key is made, and before its secret goes anywhere."""
    with mock_account(NOW) as account:
        just_beyond(account)
        fix = planned(control, look(account, more=frozenset({Part.SECRETS})), readers={"*": READER})
        assert isinstance(fix, Plan)
        acting = Acting(account)
        before = {each.name: each.before for each in fix.steps}[step]
        assert not [said for said in acting.broken(before) if why in said]
        meanwhile(account)
        assert [said for said in acting.broken(before) if why in said]


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        pytest.param(
            lambda a: a.key("program"), "somebody made one more key of program", id="a third key"
        ),
        pytest.param(
            lambda a: a.client("secretsmanager").put_secret_value(
                SecretId="locksmith/program/access-key", SecretString="x"
            ),
            "the secret was changed since",
            id="another version",
        ),
    ],
)
def test_only_the_key_that_was_made_goes_into_the_secret(meanwhile: Any, why: str) -> None:
    with mock_account(NOW) as account:
        just_beyond(account)
        fix = planned(control, look(account, more=frozenset({Part.SECRETS})), readers={"*": READER})
        assert isinstance(fix, Plan)
        place, keep, acting = fix.steps[0], fix.steps[-1], Acting(account)
        account.client("secretsmanager").create_secret(**place.do.params)
        account.key("program")
        assert acting.broken(keep.before) == []
        meanwhile(account)
        (said,) = acting.broken(keep.before)
        assert why in said


def test_the_next_key_goes_into_the_same_secret() -> None:
    current = {"locksmith/ci/access-key": "locksmith-access-key-AKIA1"}
    fix = planned(control, standing("old, used", current=current), readers={"ci": READER})
    assert isinstance(fix, Plan)
    assert [step.name for step in fix.steps] == ["make", "keep"]
    undo = fix.steps[1].undo
    assert undo is not None
    assert undo.params["MoveToVersionId"] == "locksmith-access-key-AKIA1"


def test_a_name_that_no_secret_may_have_is_told_by_its_id() -> None:
    """A user's name may have a comma in it, a secret's may not."""
    listed = (key(key_id="AKIA1", **KEYS["old, used"]),)
    parts = {Part.SECRETS: SecretStore("eu-west-1", {})}
    fix = planned(control, seen(person("a,b", listed=listed), parts=parts), readers={"*": READER})
    assert isinstance(fix, Plan)
    assert fix.steps[0].do.params["Name"] == "locksmith/AIDAA,B/access-key"


def test_the_owner_is_told_where_the_new_secret_is() -> None:
    current = {"locksmith/ci/access-key": "locksmith-access-key-AKIA2"}
    snapshot = standing("old, used", "young, never", current=current)
    (finding,) = found(control, snapshot)
    assert finding.evidence["newer_key"] == "AKIA2"
    assert finding.evidence["newer_key_secret"] == "locksmith/ci/access-key"
    fix = control.plan(finding, snapshot, control.CONTROL.settings())
    assert isinstance(fix, Manual)
    assert "--secret-id locksmith/ci/access-key" in fix.steps[0]


def test_a_secret_that_holds_another_key_is_not_shown_as_the_new_ones() -> None:
    current = {"locksmith/ci/access-key": "locksmith-access-key-AKIA9"}
    snapshot = standing("old, used", "young, never", current=current)
    (finding,) = found(control, snapshot)
    assert "newer_key_secret" not in finding.evidence
    fix = control.plan(finding, snapshot, control.CONTROL.settings())
    assert isinstance(fix, Manual)
    assert fix.steps[0].startswith("Find the secret of AKIA2")


def test_a_new_key_that_is_not_named_yet_is_in_no_secret_that_is_known() -> None:
    """The report doesn't tell the ids by which secrets are told apart."""
    keys = (key(**KEYS["old, used"]), key(slot=2, **KEYS["young, never"]))
    parts = {Part.SECRETS: SecretStore("eu-west-1", {})}
    (finding,) = found(control, seen(person("ci", keys=keys), parts=parts))
    assert finding.evidence["newer_key"] is None
    assert "newer_key_secret" not in finding.evidence


@pytest.mark.parametrize("settings", [{}, {"readers": {"*": READER}}])
@pytest.mark.parametrize("kind", ["old, used", "old, idle"])
def test_keys_of_smtp_users_are_left_to_people(kind: str, settings: Any) -> None:
    """Their SMTP password is computed from the key's secret."""
    listed = (key(key_id="AKIA1", **KEYS[kind]),)
    mail = seen(person("ses-smtp-user.20240101-120000", listed=listed))
    fix = planned(control, mail, **settings)
    assert isinstance(fix, Manual)
    assert "SMTP" in fix.reason


@pytest.mark.parametrize(
    "readers",
    [
        {"ci": "ann"},
        {"ci": "arn:aws:iam::123456789012:group/all"},
        {"ci": "arn:aws:iam::123456789012:role/*"},
        {"ci": "arn:aws:iam::123456789012:root"},
    ],
)
def test_a_reader_is_one_role_or_user(readers: Any) -> None:
    with pytest.raises(ValueError, match="one role or user"):
        control.CONTROL.settings(readers=readers)


def test_a_public_key_is_pem() -> None:
    with pytest.raises(ValueError, match="BEGIN PUBLIC KEY"):
        control.CONTROL.settings(public_keys={"ci": "ssh-rsa AAAA"})


def test_what_is_in_secrets_manager_is_looked_at_only_where_it_is_used() -> None:
    """One call for each scan, for whoever hands secrets over."""
    assert control.CONTROL.settings().needs() == frozenset()
    assert control.CONTROL.settings(readers={"ci": READER}).needs() == {Part.SECRETS}
    assert control.CONTROL.settings(public_keys={"ci": PUBLIC_KEY}).needs() == {Part.SECRETS}
