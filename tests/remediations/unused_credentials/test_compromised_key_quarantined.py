"""A user under AWS's quarantine is for the security group, who contains and follows the case."""

import json
from datetime import timedelta

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, Protection
from bot.policy import CONTAINMENT_FENCE, containment_document
from remediations.unused_credentials import compromised_key_quarantined as control
from tests.remediations.people import ago, found, person, planned, seen

V3 = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
V2 = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2"
CONTAINED = json.dumps(containment_document(ago(1)))


def seed(account: AccountBuilder) -> None:
    """A program in daily use whose key AWS saw in public, and a policy that sounds alike."""
    account.user("leaked+key,one@example.org", created=account.ago(days=80))
    account.key("leaked+key,one@example.org", last_used=account.now - timedelta(hours=1))
    account.attach("AWSCompromisedKeyQuarantineV3", user="leaked+key,one@example.org")
    deny = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}],
    }
    account.group("sounds-alike", members=["neighbour"])
    alike = account.policy("AWSCompromisedKeyQuarantineV3", deny)
    account.attach(alike, group="sounds-alike")


@pytest.mark.parametrize(
    ("attached", "expected"),
    [
        pytest.param((V3,), 1, id="AWS's"),
        pytest.param((V2, V3), 1, id="two of AWS's are one case"),
        pytest.param(("arn:aws-cn:iam::aws:policy/AWSCompromisedKeyQuarantine",), 1, id="China's"),
        pytest.param(
            ("arn:aws:iam::123456789012:policy/AWSCompromisedKeyQuarantineV3",), 0, id="our own"
        ),
        pytest.param(("arn:aws:iam::aws:policy/ReadOnlyAccess",), 0, id="another of AWS's"),
        pytest.param((), 0, id="none"),
    ],
)
def test_who_is_found(attached: tuple[str, ...], expected: int) -> None:
    """AWS's own policy counts, whatever its version."""
    assert len(found(control, seen(person(attached=attached)))) == expected


def test_break_glass_is_reported_too() -> None:
    """A leaked key for emergencies is the worst there is."""
    one = person(attached=(V3,))
    assert found(control, seen(one, protection=Protection(break_glass=(one.user.arn,))))


@pytest.mark.parametrize(
    ("inline", "contained"),
    [
        pytest.param({}, False, id="no fence"),
        pytest.param({CONTAINMENT_FENCE: CONTAINED}, True, id="contained"),
        pytest.param({CONTAINMENT_FENCE: '{"Statement": []}'}, False, id="hollowed out"),
        pytest.param({CONTAINMENT_FENCE: "no JSON"}, False, id="unreadable"),
        pytest.param({"mine": CONTAINED}, False, id="under another name"),
    ],
)
def test_it_leads_to_containing(inline: dict[str, str], contained: bool) -> None:
    """The first step shuts every door, unless they are shut."""
    snapshot = seen(person("it's <!channel>", attached=(V2, V3), inline=inline))
    (finding,) = found(control, snapshot)
    fix = planned(control, snapshot)
    assert isinstance(fix, Manual)
    assert finding.evidence == {"quarantined_by": [V2, V3], "contained": contained}
    assert ("not contained" in finding.summary) is not contained
    assert any("locksmith contain" in step for step in fix.steps) is not contained
    assert any("support case" in step for step in fix.steps)
    detach = next(step for step in fix.steps if "detach-user-policy" in step)
    assert f"""--user-name 'it'"'"'s <!channel>' --policy-arn {V2}""" in detach


def test_nobody_but_security_is_asked() -> None:
    """Its owner may be who got in."""
    assert control.CONTROL.asks_security
