"""The quick account answers as the simulated one does, whatever it is asked in whatever order."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from bot.aws.simulated.server import SimulatedAccount, start
from tests.conftest import NOON, StandingClock
from tests.proofs.histories.quick_account import ADMINISTRATOR, QuickAccount
from tests.proofs.histories.quick_answers import OPERATIONS, WRITES, RefusedByAws, answer

NAMES = ("read", "write")
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
#: What the quick account leaves out; AWS's own policies have ids and times of their own.
LEFT_OUT = frozenset({"GetCallerIdentity", "GetAccountSummary"})
CALLS = 120


@dataclass
class Both:
    """The same account twice, with the names that ids have in each."""

    simulated: SimulatedAccount
    quick: QuickAccount
    clock: StandingClock
    known: dict[str, str] = field(default_factory=dict)
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    arns: tuple[str, ...] = ()

    @cached_property
    def client(self) -> Any:
        """The one client; making each anew would take longer than all calls."""
        return self.simulated.client()

    def seed(self) -> None:
        """Two users, three keys, two policies, a group."""
        theirs, ours, client = self.simulated.account, self.quick, self.client
        arns = []
        for name in NAMES:
            made = client.create_policy(PolicyName=name, PolicyDocument=json.dumps(DOCUMENT))
            arns.append(ours.policy(made["Policy"]["Arn"], DOCUMENT))
        self.arns = (*arns, ADMINISTRATOR)
        long_ago, idle = theirs.ago(days=400), theirs.ago(days=100)
        for name in ("carol", "dave"):
            theirs.user(name, created=long_ago, tags={"owner": name})
            ours.user(name, created=long_ago, tags={"owner": name})
        theirs.password("dave")
        ours.state.users["dave"].password = long_ago
        for label, user in (("first", "carol"), ("second", "carol"), ("third", "dave")):
            self.keys[label] = (
                theirs.key(user, created=long_ago, last_used=idle),
                ours.key(user, created=long_ago, last_used=idle),
            )
        theirs.group("team")
        client.attach_group_policy(GroupName="team", PolicyArn=arns[0])
        ours.group("team", arns[0])
        for label, (one, other) in self.keys.items():
            self.known |= {one: label, other: label}

    def use(self, label: str) -> None:
        """Someone uses a key."""
        one, other = self.keys[label]
        found = self.quick.state.key(other)
        if found and found[1].active:
            self.simulated.account.use_key(one)
            self.quick.use(other)

    def pass_time(self, span: timedelta) -> None:
        """Both clocks move on."""
        self.clock.now += span
        self.simulated.account.advance(seconds=span.total_seconds())

    def answers(self, operation: str, params: Mapping[str, Any]) -> tuple[Any, Any]:
        """What each answers: the answer, or the code and the status of the refusal."""
        mine, theirs = dict(params), dict(params)
        if "AccessKeyId" in params:
            pair = self.keys.get(params["AccessKeyId"], ("AKIA" + "0" * 16,) * 2)
            theirs["AccessKeyId"], mine["AccessKeyId"] = pair
        try:
            method = getattr(self.client, xform_name(operation))
            said = method(**theirs)
            said.pop("ResponseMetadata")
            one: Any = self._plain(said)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            one = error.response["Error"]["Code"], status
        try:
            other: Any = self._plain(answer(self.quick, operation, mine))
        except RefusedByAws as refusal:
            other = refusal.code, refusal.status
        return one, other

    def _plain(self, value: Any) -> Any:
        """The same with ids by name, times in UTC, policies decoded, and lists in order."""
        match value:
            case datetime():
                return value.astimezone(UTC).isoformat()
            case bytes():
                return sorted(_report_row(line) for line in value.decode().splitlines())
            case str() if value[:4] in ("AIDA", "AGPA", "ANPA"):
                return value[:4]
            case str() if value.startswith("%7B"):
                return json.loads(unquote(value))
            case str():
                return self.known.get(value, value)
            case Mapping():
                said = {key: each for key, each in value.items() if key != "Description"}
                return {key: self._plain(each) for key, each in said.items()}
            case list():
                return sorted((self._plain(each) for each in value), key=repr)
        return value


def _report_row(line: str) -> list[str]:
    """A row with its keys in order: by their ids they come in another one in each account."""
    columns = line.split(",")
    keys = sorted([columns[8:13], columns[13:18]])
    return [*columns[:8], *keys[0], *keys[1], *columns[18:]]


@pytest.fixture
def both() -> Iterator[Both]:
    clock = StandingClock()
    with start(users=0, now=NOON) as simulated:
        made = Both(simulated, QuickAccount(clock), clock)
        made.seed()
        yield made


def _params(operation: str, chance: random.Random, arns: tuple[str, ...]) -> dict[str, Any]:
    users, groups = ("carol", "dave", "nobody"), ("team", "team", "none")
    if operation == "GetAccountAuthorizationDetails":
        return {"Filter": ["User", "Group", "LocalManagedPolicy"]}
    params: dict[str, Any] = {}
    if "Group" in operation and operation != "ListGroupsForUser":
        params["GroupName"] = chance.choice(groups)
    if "User" in operation or operation in ("ListAccessKeys", "GetLoginProfile"):
        params["UserName"] = chance.choice(users)
    if operation == "ListUsers":
        params = {}
    if operation in ("UpdateAccessKey", "DeleteAccessKey"):
        params["UserName"] = chance.choice(users)
    if operation in ("UpdateAccessKey", "DeleteAccessKey", "GetAccessKeyLastUsed"):
        params["AccessKeyId"] = chance.choice(("first", "second", "third", "none"))
    if operation == "UpdateAccessKey":
        params["Status"] = chance.choice(("Active", "Inactive"))
    if operation in ("AttachUserPolicy", "DetachUserPolicy", "GetPolicy"):
        params["PolicyArn"] = chance.choice((*arns[:2], arns[0] + "x"))
    return params


@pytest.mark.parametrize("seed", range(3))
def test_answers_as_the_simulated_account_does(both: Both, seed: int) -> None:
    chance = random.Random(seed)
    reads = sorted(OPERATIONS - set(WRITES) - LEFT_OUT)
    operations = [*sorted(WRITES), *chance.choices(sorted(WRITES) + 3 * reads, k=CALLS)]
    chance.shuffle(operations)
    asked: list[str] = []
    for operation in operations:
        if chance.random() < 1 / 10:
            both.pass_time(timedelta(minutes=chance.choice((7, 90, 500))))
            both.use(chance.choice(sorted(both.keys)))
        params = _params(operation, chance, both.arns)
        asked.append(f"{operation} {params}")
        one, other = both.answers(operation, params)
        assert one == other, asked
