"""Broad policies come up for review; the word counts for one document and one time."""

from dataclasses import replace
from datetime import timedelta

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, fingerprint
from remediations.access_levels import policy_review_overdue as control
from tests.remediations.access_levels.policies import allow
from tests.remediations.acting import snapshot_of
from tests.remediations.groups.moving import findings, planned

BROAD = allow("s3:Put*", "sqs:ListQueues")


def seed(account: AccountBuilder, days: float = 200) -> None:
    """A role with a broad policy that nobody has changed in a long time."""
    account.role("uploader")
    made = account.ago(days=days)
    account.attach(account.policy("uploads", BROAD, created=made), role="uploader")


def just_within(account: AccountBuilder) -> None:
    """180 days old."""
    seed(account, 180)


def just_beyond(account: AccountBuilder) -> None:
    """A second more."""
    seed(account, 180 + 1 / 86400)


def test_the_card_has_its_summary(account: AccountBuilder) -> None:
    seed(account)

    (finding,) = findings(control, snapshot_of(account))
    fix = planned(control, account)

    allows = finding.evidence["allows"]
    assert isinstance(allows, list)
    assert any(str(line).startswith("s3: limited Write") for line in allows)
    assert "sqs: full List" in allows or any("sqs: " in str(line) for line in allows)
    assert isinstance(fix, Manual)
    assert any("locksmith attest policy" in step and "180 days" in step for step in fix.steps)
    assert finding.evidence["days_that_a_review_counts"] == 180


def test_a_review_counts_for_one_document(account: AccountBuilder) -> None:
    """A new version is another finding, which no word about the old one covers."""
    seed(account)
    before = snapshot_of(account)
    (old,) = findings(control, before)
    client = account.client()
    arn = old.resource.arn
    text = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'
    client.create_policy_version(PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)
    now = snapshot_of(account)
    assert not findings(control, now)  # whoever wrote it has just looked at it

    (new,) = findings(control, replace(now, taken_at=now.taken_at + timedelta(days=181)))

    assert new.evidence["document"] != old.evidence["document"]
    assert fingerprint(now.account, new.control, new.subject) != fingerprint(
        now.account, old.control, old.subject
    )


def test_the_same_document_stays_the_same_finding(account: AccountBuilder) -> None:
    """So that an exemption holds from scan to scan, and the question comes back when it is over."""
    seed(account)
    first = snapshot_of(account)
    later = replace(first, taken_at=first.taken_at + timedelta(days=90))

    subjects = [each.subject for snapshot in (first, later) for each in findings(control, snapshot)]

    assert len(subjects) == 2
    assert len(set(subjects)) == 1


def test_what_is_not_broad_or_not_held(account: AccountBuilder) -> None:
    """Reading, named resources, nobody who holds it; inline policies have no versions to date."""
    old = account.ago(days=900)
    account.role("r", attached=[account.policy("reads", allow("s3:Get*"), created=old)])
    on_one = allow("s3:Put*", Resource="arn:aws:s3:::one/*")
    account.attach(account.policy("one", on_one, created=old), role="r")
    account.policy("nobody", BROAD, created=old)
    account.inline("uploads", BROAD, role="r")

    assert not findings(control, snapshot_of(account))


def test_administrators_policies_are_reviewed_elsewhere(account: AccountBuilder) -> None:
    seed(account)

    assert findings(control, snapshot_of(account), administrators=["*:role/other"])
    assert not findings(control, snapshot_of(account), administrators=["*:role/uploader"])
