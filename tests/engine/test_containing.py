"""Containing a user: every door that can be shut is shut, and what is said of them is true."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import lru_cache
from typing import Any

import pytest

from bot.aws.connection import own_arns
from bot.aws.sessions import connect
from bot.aws.simulated.server import SimulatedAccount
from bot.engine.approvals import Approvals
from bot.engine.cards import TELL_CONTAINED
from bot.engine.core import Aws
from bot.engine.doors import Contained, Door, DoorState
from bot.engine.executor import Executor, VerifySettings
from bot.engine.guardrails import Guardrails
from bot.engine.people import People
from bot.engine.protecting import Guard
from bot.engine.scanning import Scanner, ScanSettings
from bot.engine.service import Service
from bot.errors import (
    FrozenError,
    NotFoundError,
    NotLiveError,
    ProtectedError,
    RefusedError,
    UsageError,
)
from bot.model import Actor, Origin, ProposalState, Protection
from bot.policy import CONTAINMENT_FENCE, Verdict, decide, parse_document
from bot.store import accounts, dues, proposals
from bot.store.database import Store
from bot.store.proposals import NewProposal
from tests.conftest import StandingClock
from tests.engine.bench import do_at
from tests.engine.house import quiet

ALICE, BOB = Actor("local", "alice@desk"), Actor("local", "bob@desk")
STRANGER = Actor("slack", "T1/U1")
LINKED = People({str(ALICE): "alice", str(BOB): "bob"})
Build = Callable[..., Service]


@pytest.fixture
def build(cloud: SimulatedAccount, sqlite_store: Store, clock: StandingClock) -> Iterator[Build]:
    """Builds a service over the account, which is live."""
    with ExitStack() as stack:
        connection = stack.enter_context(connect(read_attempts=1))
        own = own_arns(connection)

        def made(
            *,
            live: bool = True,
            yield_point: Callable[[str], None] = quiet,
            **protection: tuple[str, ...],
        ) -> Service:
            known = Protection(own=own, **protection)
            approvals = Approvals(LINKED)
            executor = Executor(
                sqlite_store,
                connection,
                clock,
                lambda seconds: clock.pass_time(seconds=seconds),
                Guardrails(Guard(known)),
                approvals.authorise,
                VerifySettings(2, 1.0, 4.0),
                "tests/1/one",
                yield_point=yield_point,
            )
            scanner = Scanner(sqlite_store, (), ScanSettings(), Guard.on, clock)
            with sqlite_store.write() as tx:
                accounts.ensure_account(tx, connection.account)
                accounts.scanned(tx, connection.account.id, tx.now)
                if live:
                    accounts.go_live(tx, connection.account.id, ALICE)
            return Service(
                sqlite_store,
                lambda: Aws(connection, known, executor),
                scanner,
                approvals,
                clock,
            )

        yield made


@lru_cache(maxsize=1)
def iam(cloud: SimulatedAccount) -> Any:
    """A client past our own code; making one takes a while."""
    return cloud.client()


def statuses(cloud: SimulatedAccount, user: str = "carol") -> dict[str, str]:
    """What AWS says of every credential of a user that can be switched."""
    client = iam(cloud)
    return {
        **{
            key["AccessKeyId"]: key["Status"]
            for key in client.list_access_keys(UserName=user)["AccessKeyMetadata"]
        },
        **{
            each["ServiceSpecificCredentialId"]: each["Status"]
            for each in client.list_service_specific_credentials(UserName=user)[
                "ServiceSpecificCredentials"
            ]
        },
        **{
            each["SSHPublicKeyId"]: each["Status"]
            for each in client.list_ssh_public_keys(UserName=user)["SSHPublicKeys"]
        },
    }


def picture(cloud: SimulatedAccount, user: str = "carol") -> dict[str, Any]:
    """Everything of a user that a containment touches, or must not."""
    client = iam(cloud)
    inline = client.list_user_policies(UserName=user)["PolicyNames"]
    attached = client.list_attached_user_policies(UserName=user)["AttachedPolicies"]
    return {
        "credentials": statuses(cloud, user),
        "inline": sorted(inline),
        "attached": sorted(each["PolicyName"] for each in attached),
        "password": cloud.account.iam.users.get(user) is not None,
    }


def may(cloud: SimulatedAccount, action: str, user: str = "carol") -> Verdict:
    """What AWS's documents say that the user may do now."""
    client = iam(cloud)
    names = client.list_user_policies(UserName=user)["PolicyNames"]
    texts = [
        client.get_user_policy(UserName=user, PolicyName=name)["PolicyDocument"] for name in names
    ]
    for each in client.list_attached_user_policies(UserName=user)["AttachedPolicies"]:
        version = client.get_policy(PolicyArn=each["PolicyArn"])["Policy"]["DefaultVersionId"]
        texts.append(
            client.get_policy_version(PolicyArn=each["PolicyArn"], VersionId=version)[
                "PolicyVersion"
            ]["Document"]
        )
    return decide(action, "*", [parse_document(text, where="t") for text in texts]).verdict


def door(contained: Contained, what: str) -> Door:
    """The only door whose name has this in it."""
    (found,) = (each for each in contained.doors if what in each.what)
    return found


def states(contained: Contained) -> dict[str, DoorState]:
    return {each.what: each.state for each in contained.doors}


def contain(service: Service, user: str = "carol", actor: Actor = ALICE) -> Contained:
    return service.contain(user, actor, quiet)


def events(service: Service) -> list[str]:
    return [each.event for each in service.audit_events(limit=200)]


def everything_of_carol(cloud: SimulatedAccount) -> None:
    """A second key that is off, a password, a credential for CodeCommit, and an SSH key."""
    account, client = cloud.account, iam(cloud)
    account.key("carol", status="Inactive")
    account.password("carol")
    account.attach("AmazonS3FullAccess", user="carol")
    client.create_service_specific_credential(
        UserName="carol", ServiceName="codecommit.amazonaws.com"
    )
    client.upload_ssh_public_key(UserName="carol", SSHPublicKeyBody="ssh-rsa AAAAB3NzaC1yc2E=")


class TestContaining:
    def test_everything_is_shut_and_seen(
        self, build: Build, cloud: SimulatedAccount, carols_key: str
    ) -> None:
        everything_of_carol(cloud)
        assert may(cloud, "s3:GetObject") is Verdict.ALLOWED

        contained = contain(build())

        assert set(statuses(cloud).values()) == {"Inactive"}
        assert picture(cloud)["inline"] == [CONTAINMENT_FENCE]
        assert may(cloud, "s3:GetObject") is Verdict.DENIED
        assert may(cloud, "sts:AssumeRole") is Verdict.DENIED
        assert {each.state for each in contained.doors} == {DoorState.CLOSED}
        assert door(contained, carols_key).note == "it is off"
        assert "not deleted" in door(contained, "console password").note

    def test_the_fence_names_what_was_issued_before(
        self, build: Build, cloud: SimulatedAccount, clock: StandingClock
    ) -> None:
        contained = contain(build())

        document = iam(cloud).get_user_policy(UserName="carol", PolicyName=CONTAINMENT_FENCE)[
            "PolicyDocument"
        ]
        assert document["Statement"][1]["Condition"] == {
            "DateLessThan": {"aws:TokenIssueTime": "2026-11-24T12:00:00Z"}
        }
        assert contained.since is not None
        assert f"{contained.since:%H:%M}" == "12:00"

    def test_the_fence_comes_first_and_nothing_is_deleted(
        self, build: Build, cloud: SimulatedAccount
    ) -> None:
        everything_of_carol(cloud)
        cloud.calls.clear()

        contain(build())

        sent = [each.operation for each in cloud.calls.writes]
        assert sent[0] == "PutUserPolicy"
        assert sorted(sent[1:]) == [
            "UpdateAccessKey", "UpdateSSHPublicKey", "UpdateServiceSpecificCredential",
        ]  # fmt: skip

    def test_it_is_logged_as_a_plan_that_one_person_approved(self, build: Build) -> None:
        service = build()

        contained = contain(service)

        (proposal,) = contained.proposals
        assert (proposal.origin, proposal.finding_id) == (Origin.COMMAND, None)
        assert proposal.state is ProposalState.DONE
        (decision,) = service.proposal(proposal.id).decisions
        assert (decision.actor.name, decision.digest) == (ALICE.name, proposal.digest)
        told = events(service)
        assert [each for each in told if each.startswith(("proposal.p", "user."))] == [
            "proposal.proposed", "user.contained",
        ]  # fmt: skip
        assert service.audit_verify().ok

    def test_the_security_channel_will_be_told(self, build: Build, sqlite_store: Store) -> None:
        contained = contain(build())

        with sqlite_store.read() as tx:
            assert dues.get_due(tx, TELL_CONTAINED, contained.proposals[0].id) is not None

    def test_twice_is_a_kind_word(self, build: Build, cloud: SimulatedAccount) -> None:
        service = build()
        first = contain(service)
        cloud.calls.clear()

        again = contain(service, actor=BOB)

        assert again.was_already
        assert not first.was_already
        assert again.since == first.since
        assert states(again) == states(first)
        assert not cloud.calls.writes

    def test_what_was_opened_since_is_shut_again(
        self, build: Build, cloud: SimulatedAccount, carols_key: str
    ) -> None:
        service = build()
        contain(service)
        iam(cloud).update_access_key(UserName="carol", AccessKeyId=carols_key, Status="Active")

        again = contain(service)

        assert len(again.executions) == 1
        assert statuses(cloud)[carols_key] == "Inactive"

    def test_an_open_question_about_the_user_stands_in_nobodys_way(
        self, build: Build, sqlite_store: Store
    ) -> None:
        service = build()
        first = contain(service)
        undo = service.undo(first.executions[0].id, ALICE).proposal

        with sqlite_store.write() as tx:  # as one about a finding of the same user
            made = NewProposal(
                undo.account, "AIDACAROL", Origin.FINDING, undo.plan, "test-control", None
            )
            assert proposals.propose_many(tx, [made], ALICE)
        assert contain(service).was_already

    def test_a_name_in_other_letters_and_an_arn_mean_the_same(
        self, build: Build, cloud: SimulatedAccount
    ) -> None:
        service = build()
        arn = f"arn:aws:iam::{cloud.account.iam.account_id}:user/carol"

        assert contain(service, "CAROL").user == "carol"
        assert contain(service, arn).was_already

    def test_a_crowded_user_gets_awss_own_fence(
        self, build: Build, cloud: SimulatedAccount
    ) -> None:
        """AWS lets a user have 2,048 characters of inline policies."""
        many = [f"arn:aws:s3:::bucket-{n:04}/*" for n in range(62)]
        full = {"Effect": "Allow", "Action": "s3:*", "Resource": many}
        text = json.dumps({"Version": "2012-10-17", "Statement": [full]})
        iam(cloud).put_user_policy(UserName="carol", PolicyName="full", PolicyDocument=text)
        service = build()

        contained = contain(service)

        assert picture(cloud)["attached"] == ["AWSDenyAll"]
        assert may(cloud, "s3:GetObject") is Verdict.DENIED
        assert door(contained, "issued to the user").state is DoorState.CLOSED
        assert contain(service).was_already

    def test_a_forged_fence_keeps_nobody_out(self, build: Build, cloud: SimulatedAccount) -> None:
        forged = '{"Version":"2012-10-17","Statement":[]}'
        allow = forged.replace("[]", '[{"Effect":"Allow","Action":"*","Resource":"*"}]')
        iam(cloud).put_user_policy(
            UserName="carol", PolicyName=CONTAINMENT_FENCE, PolicyDocument=allow
        )

        contain(build())

        assert may(cloud, "s3:GetObject") is Verdict.DENIED


class TestRoles:
    @pytest.fixture(autouse=True)
    def roles(self, cloud: SimulatedAccount) -> None:
        account, client = cloud.account, iam(cloud)
        number = account.iam.account_id
        for name, hours, who in (
            ("deploy", 2, f"arn:aws:iam::{number}:user/carol"),
            ("audit", 1, f"arn:aws:iam::{number}:root"),
            ("other", 1, f"arn:aws:iam::{number}:user/ann"),
        ):
            trust = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole"}
            client.create_role(
                RoleName=name,
                AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}),
                MaxSessionDuration=hours * 3600,
            )

    def test_sessions_of_roles_stay_open_and_are_named(
        self, build: Build, clock: StandingClock
    ) -> None:
        service = build()
        contained = contain(service)

        opened = [each for each in contained.doors if each.state is DoorState.OPEN]
        assert [each.what for each in opened] == ["sessions of the role deploy"]
        assert contained.since is not None
        assert opened[0].until == contained.since + timedelta(hours=2)

        clock.pass_time(hours=2, minutes=1)
        assert door(contain(service), "role deploy").state is DoorState.CLOSED

    def test_a_role_that_her_own_policy_allows_counts_too(
        self, build: Build, cloud: SimulatedAccount
    ) -> None:
        allow = {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": f"arn:aws:iam::{cloud.account.iam.account_id}:role/audit",
        }
        text = json.dumps({"Version": "2012-10-17", "Statement": allow})
        iam(cloud).put_user_policy(UserName="carol", PolicyName="audits", PolicyDocument=text)

        contained = contain(build())

        names = {each.what for each in contained.doors if each.state is DoorState.OPEN}
        assert names == {"sessions of the role audit", "sessions of the role deploy"}

    def test_roles_of_other_accounts_are_unknown(
        self, build: Build, cloud: SimulatedAccount
    ) -> None:
        cloud.account.attach("AdministratorAccess", user="carol")

        contained = contain(build())

        others = door(contained, "other roles")
        assert others.state is DoorState.UNKNOWN
        assert others.until is not None


class TestRefusals:
    def refused(self, cloud: SimulatedAccount, before: dict[str, Any]) -> None:
        assert not cloud.calls.writes
        assert picture(cloud) == before

    @pytest.fixture
    def before(self, cloud: SimulatedAccount) -> dict[str, Any]:
        found = picture(cloud)
        cloud.calls.clear()
        return found

    @pytest.mark.parametrize("which", ["protected", "break_glass"])
    def test_whom_the_configuration_protects(
        self, build: Build, cloud: SimulatedAccount, before: dict[str, Any], which: str
    ) -> None:
        service = build(**{which: ("arn:aws:iam::*:user/carol",)})

        with pytest.raises(ProtectedError, match="nothing was written"):
            contain(service)

        self.refused(cloud, before)
        assert events(service)[-1] == "decision.refused"

    def test_who_would_leave_too_few_administrators(
        self, build: Build, cloud: SimulatedAccount
    ) -> None:
        cloud.calls.clear()
        with pytest.raises(ProtectedError, match="administrators"):
            contain(build(), "ann")
        assert not cloud.calls.writes

    def test_who_does_not_belong_to_security(
        self, build: Build, cloud: SimulatedAccount, before: dict[str, Any]
    ) -> None:
        service = build()

        with pytest.raises(RefusedError):
            contain(service, actor=STRANGER)

        self.refused(cloud, before)
        refusal = service.audit_events()[-1]
        assert (refusal.event, refusal.data["verdict"]) == ("decision.refused", "contain")

    def test_an_account_in_notify_mode(
        self, build: Build, cloud: SimulatedAccount, before: dict[str, Any]
    ) -> None:
        with pytest.raises(NotLiveError) as caught:
            contain(build(live=False))

        assert "go-live" in caught.value.hint
        self.refused(cloud, before)

    def test_while_writes_are_stopped(
        self, build: Build, cloud: SimulatedAccount, before: dict[str, Any]
    ) -> None:
        service = build()
        service.pause("an incident", BOB)

        with pytest.raises(FrozenError):
            contain(service)

        self.refused(cloud, before)

    def test_who_is_no_user_here(self, build: Build) -> None:
        service = build()
        for no_name in ("", "*", "a b", "carol\n", "arn:aws:iam::1:user/carol", "user/carol"):
            with pytest.raises(UsageError):
                contain(service, no_name)
        with pytest.raises(NotFoundError, match="no user nobody"):
            contain(service, "nobody")
        with pytest.raises(RefusedError, match="not in account"):
            contain(service, "arn:aws:iam::999999999999:user/carol")


class TestHalfWay:
    def test_what_aws_refuses_is_left_out_and_the_rest_is_done(
        self, build: Build, cloud: SimulatedAccount, carols_key: str
    ) -> None:
        cloud.fault("UpdateAccessKey", "error:AccessDenied", times=None)
        everything_of_carol(cloud)

        contained = contain(build())

        found = door(contained, carols_key)
        assert found.state is DoorState.OPEN
        assert "the fence denies" in found.note
        assert statuses(cloud)[carols_key] == "Active"
        off = [key for key, status in statuses(cloud).items() if status == "Inactive"]
        assert len(off) == 3
        assert "AccessDenied" in contained.problem

    def test_without_any_fence_the_keys_are_off_all_the_same(
        self, build: Build, cloud: SimulatedAccount, carols_key: str
    ) -> None:
        for operation in ("PutUserPolicy", "AttachUserPolicy"):
            cloud.fault(operation, "error:AccessDenied", times=None)
        cloud.account.password("carol")

        contained = contain(build())

        assert statuses(cloud)[carols_key] == "Inactive"
        assert contained.since is None
        assert door(contained, carols_key).state is DoorState.CLOSED
        assert door(contained, "console password").state is DoorState.OPEN
        assert door(contained, "issued to the user").state is DoorState.OPEN

    def test_a_lost_answer_is_looked_up(
        self, build: Build, cloud: SimulatedAccount, carols_key: str
    ) -> None:
        cloud.fault("PutUserPolicy", "drop_after")

        contained = contain(build())

        assert door(contained, "issued to the user").state is DoorState.CLOSED
        assert picture(cloud)["inline"] == [CONTAINMENT_FENCE]
        assert [each.operation for each in cloud.calls.writes].count("PutUserPolicy") == 1

    def test_what_cannot_be_read_is_unknown(self, build: Build, cloud: SimulatedAccount) -> None:
        cloud.fault("ListSSHPublicKeys", "error:AccessDenied", times=None)

        contained = contain(build())

        found = door(contained, "every SSH public key")
        assert found.state is DoorState.UNKNOWN
        assert "iam:ListSSHPublicKeys" in found.note

    def test_blind_afterwards_nothing_is_called_closed(
        self, build: Build, cloud: SimulatedAccount
    ) -> None:
        def blind() -> None:
            cloud.fault("GetUser", "error:AccessDenied", times=None)

        contained = contain(build(yield_point=do_at("after-done", blind)))

        assert {each.state for each in contained.doors} == {DoorState.UNKNOWN}

    def test_a_freeze_half_way_stops_it_and_the_doors_are_true(
        self, build: Build, cloud: SimulatedAccount, carols_key: str
    ) -> None:
        service: Service
        stop = do_at("after-settled", lambda: service.pause("stop", BOB))
        service = build(yield_point=stop)

        contained = contain(service)

        assert "writes are stopped" in contained.problem
        assert statuses(cloud)[carols_key] == "Active"
        assert door(contained, carols_key).state is DoorState.OPEN
        assert door(contained, "issued to the user").state is DoorState.CLOSED
        assert not service.approved(contained.account.id)

    def test_half_way_can_be_contained_anew(
        self, build: Build, cloud: SimulatedAccount, carols_key: str
    ) -> None:
        service: Service
        stop = do_at("after-settled", lambda: service.pause("stop", BOB))
        service = build(yield_point=stop)
        contain(service)
        service.resume(ALICE)

        again = contain(service)

        assert statuses(cloud)[carols_key] == "Inactive"
        assert not again.problem


class TestUndo:
    def test_one_person_is_not_enough_and_two_restore_exactly(
        self, build: Build, cloud: SimulatedAccount
    ) -> None:
        everything_of_carol(cloud)
        before = picture(cloud)
        service = build()
        contained = contain(service)

        undo = service.undo(contained.executions[0].id, ALICE).proposal
        once = service.approve(undo.id, undo.digest, ALICE)
        assert once.proposal.state is ProposalState.PROPOSED
        with pytest.raises(RefusedError, match="another person"):
            service.approve(undo.id, undo.digest, ALICE)
        with pytest.raises(RefusedError):
            service.apply(undo.id, ALICE, quiet)
        assert picture(cloud)["inline"] == [CONTAINMENT_FENCE]

        service.approve(undo.id, undo.digest, BOB)
        done = service.apply(undo.id, BOB, quiet)

        assert done.state is ProposalState.DONE
        assert picture(cloud) == before
        assert "Inactive" in before["credentials"].values()
        assert service.execution(contained.executions[0].id).undone_by == done.id

    def test_a_changed_fence_is_not_taken_away(self, build: Build, cloud: SimulatedAccount) -> None:
        service = build()
        contained = contain(service)
        iam(cloud).put_user_policy(
            UserName="carol",
            PolicyName=CONTAINMENT_FENCE,
            PolicyDocument='{"Version":"2012-10-17","Statement":'
            '[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}',
        )
        undo = service.undo(contained.executions[0].id, ALICE).proposal
        for actor in (ALICE, BOB):
            service.approve(undo.id, undo.digest, actor)

        done = service.apply(undo.id, BOB, quiet)

        assert done.state is not ProposalState.DONE
        assert CONTAINMENT_FENCE in picture(cloud)["inline"]
