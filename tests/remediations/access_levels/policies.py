"""What tests of the controls on what a policy allows everywhere have in common."""

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import MFA_FENCE, Manual, Protection
from tests.remediations.acting import snapshot_of
from tests.remediations.groups.moving import findings, planned


def allow(*actions: str, **more: Any) -> dict[str, Any]:
    """A document with one Allow on everything."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def denying(document: dict[str, Any], *actions: str, **more: Any) -> dict[str, Any]:
    """The document with a Deny beside its Allow."""
    deny = {"Effect": "Deny", "Action": list(actions), "Resource": "*", **more}
    return {**document, "Statement": [*document["Statement"], deny]}


MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}


def give(account: AccountBuilder, document: dict[str, Any], name: str = "worker") -> None:
    """Attach a policy with the document to a role."""
    account.role(name, attached=[account.policy(f"{name}-policy", document)])


#: What a role that does little does.
USED = "sqs:ListQueues"


def give_unused(account: AccountBuilder, *actions: str, tried: timedelta | None = None) -> None:
    """A role of old with a policy that allows actions on everything, of which it uses none.

    Or all of them, so long ago.
    """
    made = account.ago(days=400)
    account.role("worker", created=made, last_used=account.ago(days=1))
    policy = account.policy("worker-policy", allow(USED, *actions), created=made)
    account.attach(policy, role="worker")
    account.use_action("worker", USED, at=account.ago(days=2))
    for action in actions if tried else ():
        account.use_action("worker", action, at=account.now - (tried or timedelta()))


class Common:
    """Each control's tests say what it is about: `control`, and `actions` that it finds."""

    control: ModuleType
    actions: tuple[str, ...]
    arn: str  # of a resource of theirs

    @pytest.mark.parametrize("kind", ["user", "group", "role"])
    @pytest.mark.parametrize("name", ["worker", "a@b", "a,b", "a+b=c"])
    def test_attached_and_inline(self, account: AccountBuilder, kind: str, name: str) -> None:
        """Found in both, once for each policy; the plan is advice that names the actions."""
        getattr(account, kind)(name)
        account.inline(name, allow(*self.actions), **{kind: name})
        fix = planned(self.control, account)
        assert isinstance(fix, Manual)
        assert self.actions[0] in str(fix.steps)

        account.attach(account.policy("ours", allow(*self.actions)), **{kind: name})

        found = findings(self.control, snapshot_of(account))
        assert [each.resource.type for each in found] == ["policy", kind]
        assert found[0].evidence["actions"] == sorted(self.actions)
        assert found[0].evidence["held_by"] == [f"{kind} {name}"]

    def test_what_does_not_count(self, account: AccountBuilder) -> None:
        """Named resources, conditions, what is denied, what grants everything."""
        for number, document in enumerate(
            (
                allow(*self.actions, Resource=self.arn),
                allow(*self.actions, **MFA),
                allow(*self.actions, Effect="Deny"),
                denying(allow(*self.actions), *self.actions),
                denying(allow(*self.actions), "*"),
                allow("*"),
                allow("unheard-of:*"),
            )
        ):
            give(account, document, f"r{number}")

        assert findings(self.control, snapshot_of(account)) == []

    @pytest.mark.parametrize(
        "document",
        [
            pytest.param(lambda on: {**on, "Resource": "arn:aws:*"}, id="all ARNs"),
            pytest.param(lambda on: {**on, "Resource": ["arn:aws:x:::y", "*"]}, id="a list"),
            pytest.param(
                lambda on: {
                    **{key: value for key, value in on.items() if key != "Resource"},
                    "NotResource": "arn:aws:s3:::one/*",
                },
                id="all but one",
            ),
            pytest.param(
                lambda on: {**on, "Action": [each.upper() for each in on["Action"]]}, id="loud"
            ),
        ],
    )
    def test_everywhere_in_other_words(
        self, account: AccountBuilder, document: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> None:
        whole = allow(*self.actions)
        give(account, {**whole, "Statement": [document(whole["Statement"][0])]})

        assert len(findings(self.control, snapshot_of(account))) == 1

    def test_a_deny_of_some_takes_nothing_off(self, account: AccountBuilder) -> None:
        """Nor does one under conditions."""
        on_one = denying(allow(*self.actions), "*", Resource=self.arn)
        give(account, on_one, "one")
        give(account, denying(allow(*self.actions), "*", **MFA), "two")

        assert len(findings(self.control, snapshot_of(account))) == 2

    def test_who_may_have_it(self, account: AccountBuilder) -> None:
        """Administrators, break-glass identities, Locksmith's own, nobody, AWS's own policies."""
        give(account, allow(*self.actions))
        account.policy("nobody", allow(*self.actions))
        account.role("aws", attached=["ReadOnlyAccess"])
        account.role("posing")
        account.inline(MFA_FENCE, allow(*self.actions), role="posing")
        own = ("arn:aws:iam::123456789012:role/worker",)

        assert len(findings(self.control, snapshot_of(account))) == 1
        assert not findings(self.control, snapshot_of(account), administrators=["*:role/wor*"])
        for protection in (Protection(own=own), Protection(break_glass=own)):
            assert not findings(self.control, snapshot_of(account, protection))
        # What is on the protected list isn't touched, but that makes it no less of a finding.
        assert findings(self.control, snapshot_of(account, Protection(protected=own)))
