"""A new key reaches its owner whole, or nothing of it is left, and its secret is nowhere else."""

import base64
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from sqlalchemy import MetaData

from bot.engine.recovery import recover
from bot.model import (
    AccessKey,
    ExecutionRecord,
    Outcome,
    Plan,
    ProposalState,
    Protection,
    SecretStore,
)
from bot.store import freezes
from remediations.rotation._new_key import Handover, new_key
from tests.engine.bench import ALICE, Bench, Crash
from tests.engine.plans import ACCOUNT

_S = ProposalState
SECRET = "locksmith/carol/access-key"
READER = f"arn:aws:iam::{ACCOUNT.id}:user/ann"
#: Every step of the plan and, by how many times each place is passed, where a crash can come.
STEPS = ("place", "restrict", "make", "keep")


def rotation(bench: Bench, key_id: str, **more: Any) -> Plan:
    """The plan that makes carol's new key."""
    user = bench.account.iam.get_user("carol")
    old = AccessKey("carol", user.id, bench.account.ago(days=400), active=True, key_id=key_id)
    store = SecretStore("us-east-1", more.pop("current", {}))
    handover = Handover(SECRET, more.get("reader", READER), more.get("public_key"), store)
    steps = new_key(old, handover)
    return Plan(ACCOUNT, key_id, steps, "Make a new key", (), whole=True)


def keys(bench: Bench) -> list[str]:
    """The ids of carol's keys, past our own code."""
    listed = bench.cloud.client().list_access_keys(UserName="carol")["AccessKeyMetadata"]
    return [key["AccessKeyId"] for key in listed]


def read_by(bench: Bench, user: str) -> dict[str, str]:
    """What this user reads in the secret. Raises ClientError where they may not."""
    key = bench.account.iam.add_access_key(user, "Active")
    session: Any = bench.cloud.session()
    client = session.client(
        "secretsmanager",
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
        aws_session_token=None,
    )
    value: dict[str, str] = json.loads(client.get_secret_value(SecretId=SECRET)["SecretString"])
    return value


def secrets(bench: Bench) -> list[str]:
    """The names of all secrets there are."""
    listed = bench.cloud.client("secretsmanager").list_secrets()["SecretList"]
    return [each["Name"] for each in listed]


def secret_of(bench: Bench, key_id: str) -> str:
    """What AWS knows as the secret of a key."""
    return str(bench.account.iam.access_keys[key_id].secret_access_key)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that is logged by anything of ours."""
    with caplog.at_level(logging.DEBUG, logger="bot"):
        yield caplog


def nowhere(secret: str, bench: Bench, told: pytest.LogCaptureFixture, *shown: object) -> None:
    """The secret is not in the database, the log, what was said, or these."""
    with bench.store.engine.connect() as connection:
        tables = MetaData()
        tables.reflect(connection)
        lines = [
            str(tuple(row))
            for each in tables.sorted_tables
            for row in connection.execute(each.select())
        ]
    assert any("carol" in line for line in lines), "this looks at the right database"
    for place in ("\n".join(lines), told.text, "\n".join(bench.said), *map(repr, shown)):
        assert secret not in place


def test_the_secret_reaches_its_reader_and_nobody_else(
    bench: Bench, carols_key: str, told: pytest.LogCaptureFixture
) -> None:
    record = bench.apply(rotation(bench, carols_key))
    assert record.state is _S.DONE
    (new,) = set(keys(bench)) - {carols_key}
    secret = secret_of(bench, new)
    assert read_by(bench, "ann") == {
        "UserName": "carol",
        "AccessKeyId": new,
        "SecretAccessKey": secret,
    }
    with pytest.raises(ClientError, match="AccessDenied"):
        read_by(bench, "ben")
    with pytest.raises(ClientError, match="AccessDenied"):
        bench.cloud.client("secretsmanager").get_secret_value(SecretId=SECRET)
    assert record.steps[2].outputs == {"key_id": new}
    nowhere(secret, bench, told, record)


def test_a_second_rotation_puts_the_next_key_into_the_same_secret(
    bench: Bench, carols_key: str
) -> None:
    bench.apply(rotation(bench, carols_key))
    (second,) = set(keys(bench)) - {carols_key}
    bench.cloud.client().delete_access_key(UserName="carol", AccessKeyId=carols_key)
    current = {SECRET: f"locksmith-access-key-{second}"}
    record = bench.apply(rotation(bench, second, current=current))
    assert record.state is _S.DONE
    assert [step.name for step in record.steps] == ["make", "keep"]
    (third,) = set(keys(bench)) - {second}
    assert read_by(bench, "ann")["AccessKeyId"] == third


def test_a_secret_that_others_may_read_is_not_used(bench: Bench, carols_key: str) -> None:
    """Somebody took the policy away since: nothing is made."""
    bench.apply(rotation(bench, carols_key))
    (second,) = set(keys(bench)) - {carols_key}
    bench.cloud.client().delete_access_key(UserName="carol", AccessKeyId=carols_key)
    bench.cloud.client("secretsmanager").delete_resource_policy(SecretId=SECRET)
    current = {SECRET: f"locksmith-access-key-{second}"}
    proposal_id = bench.approved(rotation(bench, second, current=current))
    with pytest.raises(Exception, match="lets others than"):
        bench.executor().apply(proposal_id, ALICE)
    assert keys(bench) == [second]


def test_sealed_only_the_private_key_opens_it(bench: Bench, carols_key: str) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    plan = rotation(bench, carols_key, reader=None, public_key=pem.decode())
    assert bench.apply(plan).state is _S.DONE
    (new,) = set(keys(bench)) - {carols_key}
    value = read_by(bench, "ben")
    assert secret_of(bench, new) not in json.dumps(value)
    opened = private.decrypt(
        base64.b64decode(value["SealedSecretAccessKey"]),
        padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None),
    )
    assert opened.decode() == secret_of(bench, new)


def nothing_left(bench: Bench, record: ExecutionRecord, old: str) -> None:
    """The old key is as before, and of the new one there is nothing."""
    assert record.state is _S.FAILED, record.why
    assert keys(bench) == [old]
    assert bench.key_status("carol") == "Active"
    assert secrets(bench) == []


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        ("secretsmanager:PutSecretValue", "error:InternalServiceError"),
        ("secretsmanager:PutSecretValue", "error:AccessDeniedException"),
        ("secretsmanager:PutSecretValue", "throttle"),
        ("secretsmanager:PutSecretValue", "drop_before"),
        ("secretsmanager:PutResourcePolicy", "error:InternalServiceError"),
        ("iam:CreateAccessKey", "error:LimitExceeded"),
        ("iam:CreateAccessKey", "drop_before"),
        ("iam:CreateAccessKey", "drop_after"),
    ],
)
def test_when_it_cant_be_kept_the_key_is_taken_back_at_once(
    bench: Bench, carols_key: str, told: pytest.LogCaptureFixture, operation: str, fault: str
) -> None:
    bench.cloud.fault(operation, fault)
    made: list[str] = []
    bench.cloud.account.iam.create_access_key = _noting(bench, made)  # type: ignore[method-assign]
    record = bench.apply(rotation(bench, carols_key))
    nothing_left(bench, record, carols_key)
    assert bench.sent().count("CreateAccessKey") <= 1
    for secret in made:
        nowhere(secret, bench, told, record)
    if made:
        assert "make: taken back" in record.why


def _noting(bench: Bench, made: list[str]) -> Any:
    create = bench.account.iam.create_access_key

    def noting(*args: Any, **given: Any) -> Any:
        key = create(*args, **given)
        made.append(key.secret_access_key)
        return key

    return noting


def test_a_lost_answer_of_the_secret_store_is_looked_up(bench: Bench, carols_key: str) -> None:
    """The secret is there, so the key stays."""
    bench.cloud.fault("secretsmanager:PutSecretValue", "drop_after")
    record = bench.apply(rotation(bench, carols_key))
    assert record.state is _S.DONE
    (new,) = set(keys(bench)) - {carols_key}
    assert read_by(bench, "ann")["AccessKeyId"] == new


def test_while_the_secret_store_is_down_nothing_is_claimed(bench: Bench, carols_key: str) -> None:
    """Whether the secret got there can't be seen, so the key may be the one that is used."""
    bench.cloud.fault("secretsmanager:PutSecretValue", "error:InternalServiceError")
    bench.cloud.fault(
        "secretsmanager:ListSecretVersionIds", "error:InternalServiceError", nth=2, times=None
    )
    record = bench.apply(rotation(bench, carols_key))
    assert record.state is _S.UNKNOWN
    assert len(keys(bench)) == 2
    assert recover(bench.executor(), ACCOUNT, ALICE) == []
    bench.cloud.traffic.faults.clear()
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    nothing_left(bench, settled, carols_key)


def _crashed(bench: Bench, plan: Plan, label: str, nth: int) -> str:
    proposal_id = bench.approved(plan)
    left = [nth]

    def yield_point(here: str) -> None:
        if here == label:
            left[0] -= 1
            if left[0] == 0:
                raise Crash(label)

    with pytest.raises(Crash):
        bench.executor(yield_point=yield_point).apply(proposal_id, ALICE)
    return proposal_id


@pytest.mark.parametrize("nth", range(1, 5), ids=STEPS)
@pytest.mark.parametrize("label", ["after-intent", "after-call", "after-answer", "after-settled"])
def test_wherever_it_crashes_the_key_is_kept_or_taken_back(
    bench: Bench, carols_key: str, label: str, nth: int
) -> None:
    """The secret died with the process, unless it had been sent; there is never an orphan."""
    proposal_id = _crashed(bench, rotation(bench, carols_key), label, nth)
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    if nth == len(STEPS) and label != "after-intent":
        assert settled.state is _S.DONE
        (new,) = set(keys(bench)) - {carols_key}
        assert read_by(bench, "ann")["AccessKeyId"] == new
    else:
        nothing_left(bench, settled, carols_key)
    assert recover(bench.executor(), ACCOUNT, ALICE) == []
    assert bench.proposal(proposal_id).state is settled.state
    assert bench.sent().count("CreateAccessKey") <= 1


@pytest.mark.parametrize("nth", range(1, 4))
@pytest.mark.parametrize("label", ["before-taking-back", "after-call", "after-answer"])
def test_taking_back_that_is_itself_interrupted_goes_on(
    bench: Bench, carols_key: str, label: str, nth: int
) -> None:
    bench.cloud.fault("secretsmanager:PutSecretValue", "error:AccessDeniedException")
    # Four calls are made before the first one that takes back; three of them were answered.
    earlier = {"before-taking-back": 0, "after-call": 4, "after-answer": 3}[label]
    _crashed(bench, rotation(bench, carols_key), label, earlier + nth)
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    nothing_left(bench, settled, carols_key)
    assert bench.writes().count("DeleteAccessKey") == 1


def test_a_key_that_somebody_else_made_is_not_taken_for_ours(bench: Bench, carols_key: str) -> None:
    """The answer was lost, and there are two new keys: which one is ours can't be told."""
    bench.cloud.fault("iam:CreateAccessKey", "drop_after")
    bench.cloud.fault("iam:ListAccessKeys", "error:AccessDenied", nth=3, times=None)
    record = bench.apply(rotation(bench, carols_key))
    assert record.state is _S.UNKNOWN
    bench.account.iam.add_access_key("carol", "Active")
    bench.cloud.traffic.faults.clear()
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    assert settled.state in (_S.UNKNOWN, _S.NEEDS_HUMAN)
    assert len(keys(bench)) == 3
    assert "can't be told" in settled.why


def test_a_key_of_before_is_not_taken_for_ours(bench: Bench, carols_key: str) -> None:
    """The request never arrived; whoever made a key long after has it still."""
    proposal_id = _crashed(bench, rotation(bench, carols_key), "after-intent", 3)
    bench.cloud.account.advance(hours=1)
    bench.clock.pass_time(hours=2)
    bench.account.iam.add_access_key("carol", "Active")
    recover(bench.executor(), ACCOUNT, ALICE)
    assert bench.execution(proposal_id).state is not _S.DONE
    assert len(keys(bench)) == 2


def test_a_third_key_by_a_race_takes_ours_back(bench: Bench, carols_key: str) -> None:
    """Two calls at once beat AWS's quota: ours was the one too many."""
    proposal_id = bench.approved(rotation(bench, carols_key))
    left = [3]

    def somebody_else(here: str) -> None:
        left[0] -= here == "after-settled"
        if left[0] == 0:
            left[0] = -1
            bench.account.iam.add_access_key("carol", "Active")

    record = bench.executor(yield_point=somebody_else).apply(proposal_id, ALICE)
    assert record.state is _S.FAILED
    assert "one more key" in record.why
    assert len(keys(bench)) == 2
    assert secrets(bench) == []


def test_a_user_deleted_mid_way_leaves_nothing(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.approved(rotation(bench, carols_key))
    left = [3]

    def deleted(here: str) -> None:
        left[0] -= here == "after-settled"
        if left[0] == 0:
            left[0] = -1
            client = bench.cloud.client()
            for key_id in keys(bench):
                client.delete_access_key(UserName="carol", AccessKeyId=key_id)
            client.delete_user(UserName="carol")

    record = bench.executor(yield_point=deleted).apply(proposal_id, ALICE)
    assert record.state is _S.FAILED, record.why
    assert secrets(bench) == []


def test_a_freeze_mid_way_leaves_it_for_when_writes_are_allowed_again(
    bench: Bench, carols_key: str
) -> None:
    proposal_id = bench.approved(rotation(bench, carols_key))

    def freeze() -> None:
        with bench.store.write() as tx:
            freezes.freeze(tx, "stop", ALICE)

    left = [3]

    def frozen(here: str) -> None:
        left[0] -= here == "after-settled"
        if left[0] == 0:
            left[0] = -1
            freeze()

    record = bench.executor(yield_point=frozen).apply(proposal_id, ALICE)
    assert record.state is _S.UNKNOWN
    assert len(keys(bench)) == 2
    assert recover(bench.executor(), ACCOUNT, ALICE) == []
    with bench.store.write() as tx:
        freezes.unfreeze(tx, ALICE)
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    nothing_left(bench, settled, carols_key)


def test_undone_everything_is_as_it_was(bench: Bench, carols_key: str) -> None:
    record = bench.apply(rotation(bench, carols_key))
    undone = bench.undo(record)
    assert undone.state is _S.DONE, undone.why
    assert keys(bench) == [carols_key]
    assert secrets(bench) == []


def test_a_new_key_in_use_is_not_taken_away(bench: Bench, carols_key: str) -> None:
    record = bench.apply(rotation(bench, carols_key))
    (new,) = set(keys(bench)) - {carols_key}
    bench.account.use_key(new)
    undone = bench.undo(record)
    assert undone.state is _S.NEEDS_HUMAN
    assert "in use already" in undone.why
    assert new in keys(bench)


def test_a_protected_user_gets_no_new_key(bench: Bench, carols_key: str) -> None:
    carol = f"arn:aws:iam::{ACCOUNT.id}:user/carol"
    bench.protection = Protection(protected=(carol,), own=bench.protection.own)
    proposal_id = bench.approved(rotation(bench, carols_key))
    with pytest.raises(Exception, match="protected list"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []


def test_every_step_is_journalled(bench: Bench, carols_key: str) -> None:
    """What was taken back stands behind the plan's own steps."""
    bench.cloud.fault("secretsmanager:PutSecretValue", "error:AccessDeniedException")
    record = bench.apply(rotation(bench, carols_key))
    assert [(step.name, step.outcome) for step in record.steps] == [
        ("place", Outcome.HOLDS),
        ("restrict", Outcome.HOLDS),
        ("make", Outcome.HOLDS),
        ("keep", Outcome.NOT_APPLIED),
        ("undo-place", Outcome.HOLDS),
        ("undo-restrict", Outcome.HOLDS),
        ("undo-make", Outcome.HOLDS),
    ]


class _Body:
    """The body of an HTTP answer, as botocore reads it."""

    def __init__(self, text: str) -> None:
        self._text = text.encode()

    def stream(self, **_: object) -> Any:
        yield self._text


def test_an_error_that_quotes_the_secret_is_told_without_it(
    bench: Bench, carols_key: str, told: pytest.LogCaptureFixture
) -> None:
    """Whoever stands between us and AWS may answer with what they were sent."""
    quoted: list[str] = []

    def quoting(request: Any, **_: Any) -> AWSResponse:
        value = json.loads(json.loads(request.body)["SecretString"])
        quoted.append(value["SecretAccessKey"])
        error = {"__type": "InvalidRequestException", "message": f"not {quoted[0]}, please"}
        return AWSResponse(request.url, 400, {}, _Body(json.dumps(error)))

    events = bench.connection.writer("secretsmanager", "us-east-1").meta.events
    events.register_first("before-send.secretsmanager.PutSecretValue", quoting)
    record = bench.apply(rotation(bench, carols_key))
    assert "not (a secret), please" in record.why
    nowhere(quoted[0], bench, told, record)
    nothing_left(bench, record, carols_key)
