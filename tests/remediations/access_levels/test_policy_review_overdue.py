"""Broad policies come up for review; the word counts for one document and one time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.aws.simulated import AccountBuilder
from bot.credentials import utc_text
from bot.model import MFA_FENCE, Manual, fingerprint
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
    """Reading, named resources, nobody who holds it."""
    old = account.ago(days=900)
    account.role("r", attached=[account.policy("reads", allow("s3:Get*"), created=old)])
    on_one = allow("s3:Put*", Resource="arn:aws:s3:::one/*")
    account.attach(account.policy("one", on_one, created=old), role="r")
    account.policy("nobody", BROAD, created=old)
    account.role("old", created=old)
    account.inline("reads", allow("s3:Get*"), role="old")
    account.inline("one", on_one, role="old")
    account.inline(MFA_FENCE, BROAD, role="old")

    assert not findings(control, snapshot_of(account))


@pytest.mark.parametrize("kind", ["user", "group", "role"])
@pytest.mark.parametrize(
    ("days", "due"), [(179.99, False), (180, False), (180 + 1 / 86400, True), (900, True)]
)
def test_an_inline_policy_is_no_older_than_its_holder(
    account: AccountBuilder, kind: str, days: float, due: bool
) -> None:
    """All that AWS tells of its age; what it allows is on the card like any other's."""
    made = account.ago(days=days)
    getattr(account, kind)("a,b+c=d@x", created=made)
    account.inline("up=loads", BROAD, **{kind: "a,b+c=d@x"})

    seen = findings(control, snapshot_of(account))

    assert len(seen) == due
    for finding in seen:
        assert finding.summary == f"Nobody has reviewed up=loads of {kind} a,b+c=d@x in 180 days"
        assert finding.evidence["inline"] == "up=loads"
        assert finding.evidence["no_older_than"] == utc_text(made)
        assert any("s3: limited Write" in str(each) for each in finding.evidence["allows"])  # type: ignore[union-attr]
        fix = planned(control, account)
        assert isinstance(fix, Manual)
        place = f"arn:aws:iam::123456789012:{kind}/a,b+c=d@x/inline/up=loads"
        assert f"Look what it allows: locksmith policy summary {place}" in fix.steps
        assert "up=loads of " in fix.reason


def test_each_inline_policy_and_document_is_a_question_of_its_own(account: AccountBuilder) -> None:
    """The same text elsewhere, under another name, or another text in that place."""
    old = account.ago(days=900)
    for role, name, document in (
        ("a", "x", BROAD),
        ("b", "x", BROAD),
        ("a", "y", BROAD),
    ):
        if role not in [each.name for each in account.iam.roles.values()]:
            account.role(role, created=old)
        account.inline(name, document, role=role)
    first = {each.subject for each in findings(control, snapshot_of(account))}
    account.inline("x", allow("s3:*"), role="a")
    then = {each.subject for each in findings(control, snapshot_of(account))}

    assert len(first) == len(then) == 3
    assert len(first & then) == 2


def test_administrators_policies_are_reviewed_elsewhere(account: AccountBuilder) -> None:
    seed(account)

    assert findings(control, snapshot_of(account), administrators=["*:role/other"])
    assert not findings(control, snapshot_of(account), administrators=["*:role/uploader"])
