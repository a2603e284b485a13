"""A plan in which a secret could go astray is refused before anything is done."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.engine.calls import unfit_plan
from bot.model import AccessKey, Call, Expect, Json, Operator, Output, Plan, Risk, SecretStore, Step
from remediations.rotation._new_key import Handover, new_key
from tests.engine.plans import ACCOUNT, deactivate_key, iam
from tests.engine.samples import KEY

MADE = datetime(2026, 1, 1, tzinfo=UTC)
OLD = AccessKey("carol", "AIDACAROL", MADE, active=True, key_id=KEY)
READER = "arn:aws:iam::123456789012:role/app"
SECRET: Json = {"$output": "make.secret"}


def steps(public_key: str | None = None) -> tuple[Step, ...]:
    """The steps of a rotation as the control writes them."""
    return new_key(OLD, Handover("locksmith/c/k", READER, public_key, SecretStore("us-east-1", {})))


def whole(*made: Step) -> Plan:
    """A plan of these steps."""
    return Plan(ACCOUNT, KEY, made, "Make a new key", whole=True)


def test_the_rotation_as_it_is_written_is_fit() -> None:
    assert unfit_plan(whole(*steps())) is None


def _elsewhere(step: Step) -> Step:
    """A call that takes the secret and shows it to everyone."""
    tags: Json = [{"Key": "secret", "Value": SECRET}]
    return replace(step, do=iam("TagUser", UserName="carol", Tags=tags))


def _final(step: Step) -> Step:
    return replace(step, undo=None, irreversible_because="it is", risk=Risk.IRREVERSIBLE)


_BROKEN: list[tuple[str, Callable[[Step, Step, Step, Step], Plan], str]] = [
    ("nobody takes it", lambda a, b, make, _keep: whole(a, b, make), "isn't kept by the next step"),
    (
        "not at once",
        lambda a, b, make, keep: whole(a, b, make, deactivate_key("carol", KEY), keep),
        "isn't kept by the next step",
    ),
    (
        "not a whole",
        lambda a, b, make, keep: replace(whole(a, b, make, keep), whole=False),
        "isn't taken back as a whole",
    ),
    (
        "not said to be secret",
        lambda a, b, make, keep: whole(
            a,
            b,
            replace(make, outputs={**make.outputs, "secret": Output("AccessKey.SecretAccessKey")}),
            keep,
        ),
        "nobody would get",
    ),
    (
        "no way back",
        lambda a, b, make, keep: whole(
            a,
            b,
            make,
            _final(keep),
        ),
        "can't be taken back",
    ),
    (
        "kept in a tag",
        lambda a, b, make, keep: whole(a, b, make, _elsewhere(keep)),
        "isn't kept by the next step",
    ),
    (
        "kept, and in a tag too",
        lambda a, b, make, keep: whole(a, b, make, keep, replace(_elsewhere(keep), name="tag")),
        "elsewhere than where it is kept",
    ),
    (
        "in the description too",
        lambda a, b, make, keep: whole(
            a,
            b,
            make,
            replace(keep, do=replace(keep.do, params={**keep.do.params, "SecretId": SECRET})),
        ),
        "elsewhere than where it is kept",
    ),
    (
        "looked for",
        lambda a, b, make, keep: whole(
            a,
            b,
            make,
            replace(
                keep,
                after=(*keep.after, Expect(iam("ListUsers"), "Users", Operator.EQUALS, SECRET)),
            ),
        ),
        "elsewhere than where it is kept",
    ),
    (
        "made by an undo",
        lambda a, b, make, keep: whole(
            a, b, make, replace(keep, undo=iam("CreateAccessKey", UserName="carol"))
        ),
        "undo of keep would hand out",
    ),
]


@pytest.mark.parametrize(
    ("broken", "said"), [each[1:] for each in _BROKEN], ids=[each[0] for each in _BROKEN]
)
def test_a_secret_that_could_go_astray_is_refused(
    broken: Callable[[Step, Step, Step, Step], Plan], said: str
) -> None:
    place, restrict, make, keep = steps()
    assert said in (unfit_plan(broken(place, restrict, make, keep)) or "")


@pytest.mark.parametrize("key", ["", "ssh-rsa AAAA", "-----BEGIN PUBLIC KEY-----\nAAAA\n"])
def test_a_public_key_that_is_none_is_refused_before_a_key_is_made(key: str) -> None:
    place, restrict, make, keep = steps(public_key=key or "nothing")
    assert "no RSA key" in (unfit_plan(whole(place, restrict, make, keep)) or "")


def test_what_secrets_hold_is_never_read() -> None:
    """There is no call in a plan that would show the value of a secret."""
    place, *rest = steps()
    read = Call("secretsmanager", "GetSecretValue", {"SecretId": "locksmith/c/k"}, "us-east-1")
    looked = replace(place, after=(Expect(read, "SecretString", Operator.PRESENT),))
    assert "not a read" in (unfit_plan(whole(looked, *rest)) or "")
