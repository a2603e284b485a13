"""Keys that nobody uses are switched off, after a look that it is still so."""

from datetime import timedelta

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Plan, Protection, Risk
from remediations.unused_credentials import unused_access_key as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ago, found, key, person, planned, seen

SECOND = timedelta(seconds=1)


def seed(account: AccountBuilder) -> None:
    """A program that stopped two months ago; its other key was switched off lately."""
    name = "ftp+drop,old@example.org"
    account.user(name, path="/programs/", created=account.ago(days=500))
    account.key(name, created=account.ago(days=80), last_used=account.ago(days=60))
    off = account.ago(days=20)
    account.key(name, created=account.ago(days=70), last_used=off, status="Inactive", changed=off)


def just_within(account: AccountBuilder) -> None:
    """Used exactly 45 days ago."""
    account.user("program", created=account.ago(days=500))
    account.key("program", created=account.ago(days=80), last_used=account.ago(days=45))


def just_beyond(account: AccountBuilder) -> None:
    """Used 45 days and a second ago."""
    account.user("program", created=account.ago(days=500))
    account.key("program", created=account.ago(days=80), last_used=account.ago(days=45) - SECOND)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(key(created=ago(46), last_used=ago(46)), True, id="used too long ago"),
        pytest.param(key(created=ago(400), last_used=ago(45)), False, id="used at the limit"),
        pytest.param(key(created=ago(45) - SECOND), True, id="never used, made too long ago"),
        pytest.param(key(created=ago(45)), False, id="never used, made at the limit"),
        pytest.param(key(created=ago(0)), False, id="never used, new"),
        pytest.param(key(created=ago(400), last_used=ago(300), active=False), False, id="off"),
        pytest.param(key(created=ago(1), last_used=ago(46)), False, id="switched on yesterday"),
    ],
)
def test_which_keys_are_found(one: object, expected: bool) -> None:
    """Idle for more than the limit, counted from the last use or else the creation."""
    assert bool(found(control, seen(person(keys=(one,))))) is expected


def test_one_finding_per_key() -> None:
    """Two idle keys are two findings; the subject is where the report has each."""
    keys = (key(created=ago(100), slot=1), key(created=ago(90), slot=2))
    findings = found(control, seen(person(keys=keys)))
    assert [finding.subject for finding in findings] == [
        "AIDAALICE/key-1/2026-08-16T12:00:00Z",
        "AIDAALICE/key-2/2026-08-26T12:00:00Z",
    ]
    assert [finding.resource.name for finding in findings] == ["key 1 of alice", "key 2 of alice"]


def test_live_facts_win_over_the_report() -> None:
    """The report says idle, AWS lists it as used an hour ago: no finding."""
    listed = key(created=ago(100), last_used=ago(hours=1), key_id="AKIA1")
    assert not found(control, seen(person(keys=(key(created=ago(100)),), listed=(listed,))))


def test_evidence_says_what_people_need() -> None:
    """Age, last use with service, and how old the report is."""
    listed = key(created=ago(100), last_used=ago(50), key_id="AKIA1")
    (finding,) = found(control, seen(person(listed=(listed,))))
    assert finding.evidence["age_days"] == 100
    assert finding.evidence["idle_days"] == 50
    assert finding.evidence["last_used"] == "2026-10-05T12:00:00Z"
    assert finding.evidence["last_used_service"] == "s3"
    assert finding.evidence["report_age_minutes"] == 60
    assert finding.summary == "alice has an active access key, last used 50 days ago for s3"
    assert (finding.subject, finding.resource.unique_id) == ("AKIA1", "AKIA1")


def test_who_is_left_out() -> None:
    """Break-glass keys are meant to be unused; protected ones are reported all the same."""
    alice = person(keys=(key(created=ago(100)),))
    arn = alice.user.arn
    assert not found(control, seen(alice, protection=Protection(break_glass=(arn,))))
    assert found(control, seen(alice, protection=Protection(protected=(arn,))))


def test_root_and_strangers_are_no_users() -> None:
    """Root's row is not among the users; a key of somebody who is gone is nobody's."""
    root = person("root", keys=(key(created=ago(900)),)).row
    assert not found(control, seen(root=root))
    gone = person("gone", keys=(key(created=ago(900)),))
    snapshot = seen(gone)
    assert not found(control, seen(parts={**snapshot.parts, "users": ()}))


def test_the_limit_is_a_setting() -> None:
    """Also in what is looked at just before."""
    snapshot = seen(person(listed=(key(created=ago(100), last_used=ago(50), key_id="AKIA1"),)))
    assert not found(control, snapshot, days=90)
    fix = planned(control, snapshot, days=30)
    assert isinstance(fix, Plan)
    limits = {expect.value for expect in fix.steps[0].before if isinstance(expect.value, int)}
    assert limits == {30}


def test_a_key_without_a_name_has_a_template() -> None:
    """No call accepts the placeholder."""
    fix = planned(control, seen(person(keys=(key(created=ago(100)),))))
    assert isinstance(fix, Plan)
    assert fix.steps[0].do.params["AccessKeyId"] == "<AccessKeyId>"


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        pytest.param(lambda account, used: account.use_key(used), "was used", id="used"),
        pytest.param(
            lambda account, used: account.client().update_access_key(
                UserName="program", AccessKeyId=used, Status="Inactive"
            ),
            "is not Active",
            id="switched off",
        ),
        pytest.param(
            lambda account, used: account.client().delete_access_key(
                UserName="program", AccessKeyId=used
            ),
            "is not Active",
            id="deleted",
        ),
        pytest.param(
            lambda account, used: setattr(
                account.iam.access_keys[used], "create_date", account.ago(days=45)
            ),
            "made less than 45 days ago",
            id="younger than it seemed",
        ),
    ],
)
def test_what_happened_meanwhile_stops_it(meanwhile: object, why: str) -> None:
    """The plan's first look refuses a key that is not as it was."""
    with mock_account(NOW) as account:
        just_beyond(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        assert not acting.broken(fix.steps[0].before)
        (used,) = account.client().list_access_keys(UserName="program")["AccessKeyMetadata"]
        meanwhile(account, used["AccessKeyId"])
        assert any(why in said for said in acting.broken(fix.steps[0].before))


def test_another_user_of_the_same_name_is_left_alone() -> None:
    """Names are reused, unique ids never."""
    with mock_account(NOW) as account:
        just_beyond(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        del account.iam.users["program"]
        account.user("program")
        said = Acting(account, fix).broken(fix.steps[0].before)
        assert "program is another user now" in said


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


def test_smtp_users_are_left_alone() -> None:
    """A key whose secret makes an SMTP password may be in use without a trace."""
    idle = key(created=ago(400), last_used=ago(100))
    assert found(control, seen(person("ftp", keys=(idle,))))
    assert not found(control, seen(person("ses-smtp-user.20240101-120000", keys=(idle,))))
