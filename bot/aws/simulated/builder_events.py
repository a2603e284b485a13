"""The part of the account builder that writes CloudTrail's event history."""

from __future__ import annotations

from datetime import datetime

from moto.cloudtrail.models import cloudtrail_backends

from bot.aws.simulated.builder_computing import ComputingBuilder
from bot.aws.simulated.clock import aware
from bot.aws.simulated.event_history import EventHistory
from bot.aws.simulated.event_records import Made, call_of, event_of, refusal_of, sign_in_of


class EventsBuilder(ComputingBuilder):
    """Who made, changed and used what, as CloudTrail tells it afterwards."""

    def made_by(
        self,
        maker: str,
        *,
        user: str | None = None,
        role: str | None = None,
        policy: str | None = None,
        key: str | None = None,
    ) -> None:
        """Who made a user, a role, a policy (by ARN) or a key, in CloudTrail's event history.

        `maker` is the ARN of a user or of a role's session. Dated when the thing was made.
        """
        made, created = self._making(user, role, policy, key)
        home = self._history("us-east-1")
        event = event_of(made, maker, aware(created), self.account_id, "us-east-1")
        home.events.append(event)

    def added(self, user: str, group: str, *, at: datetime | None = None) -> None:
        """That a user was added to a group, now or at a moment, in CloudTrail's event history."""
        home = self._history("us-east-1")
        asked = {"userName": user, "groupName": group}
        named = [("AWS::IAM::User", user), ("AWS::IAM::Group", group)]
        made = Made("AddUserToGroup", asked, {}, named)
        maker = f"arn:{self.iam.partition}:iam::{self.account_id}:user/admin"
        when = at or self.iam.clock.now()
        home.events.append(event_of(made, maker, when, self.account_id, "us-east-1"))

    def attached_at(self, policy: str, *, at: datetime | None = None, **holder: str) -> None:
        """That a policy was given to a `user`, `group` or `role`, in the event history.

        A managed one, by its ARN, was attached; an inline one, by its name, was put there.
        """
        home = self._history("us-east-1")
        (kind, name), *_ = holder.items()
        verb, what = ("Attach", "policyArn") if policy.startswith("arn:") else ("Put", "policyName")
        asked = {f"{kind}Name": name, what: policy}
        named = [(f"AWS::IAM::{kind.capitalize()}", name), ("AWS::IAM::Policy", policy)]
        made = Made(f"{verb}{kind.capitalize()}Policy", asked, {}, named)
        maker = f"arn:{self.iam.partition}:iam::{self.account_id}:user/admin"
        when = at or self.iam.clock.now()
        home.events.append(event_of(made, maker, when, self.account_id, "us-east-1"))

    def refused(
        self,
        action: str,
        user: str,
        *,
        why: str = "with an explicit deny in an identity-based policy",
        at: datetime | None = None,
        region: str = "us-east-1",
    ) -> None:
        """A call that AWS refused a user, such as `s3:ListAllMyBuckets`, in the event history.

        `why` is how AWS's message ends.
        """
        one = self.iam.get_user(user)
        history = self._history(region)
        keys = [each.access_key_id for each in one.access_keys]
        names = {"name": one.name, "id": one.id, "arn": one.arn, "key": keys[0] if keys else ""}
        message = f"User: {one.arn} is not authorized to perform: {action} {why}"
        when = at or self.iam.clock.now()
        event = refusal_of(action, names, when, self.account_id, region, message)
        history.events.append(event)

    def called_from(
        self, address: str, key_id: str, *, at: datetime | None = None, region: str = "us-east-1"
    ) -> None:
        """A call with an access key from an IP address, in the event history of a Region."""
        key = self.iam.access_keys[key_id]
        one = self.iam.get_user(str(key.user_name))
        history = self._history(region)
        names = {"name": one.name, "id": one.id, "arn": one.arn, "key": key_id}
        when = at or self.iam.clock.now()
        history.events.append(call_of(names, when, address, self.account_id, region))

    def signed_in(
        self,
        user: str,
        address: str,
        *,
        at: datetime | None = None,
        mfa: bool = False,
        region: str = "us-east-1",
    ) -> None:
        """A user's sign-in to the console from an IP address, in the event history of a Region."""
        one = self.iam.get_user(user)
        history = self._history(region)
        names = {"name": one.name, "id": one.id, "arn": one.arn}
        when = at or self.iam.clock.now()
        history.events.append(sign_in_of(names, when, address, self.account_id, region, mfa=mfa))

    def _making(
        self, user: str | None, role: str | None, policy: str | None, key: str | None
    ) -> tuple[Made, datetime]:
        if sum(name is not None for name in (user, role, policy, key)) != 1:
            raise ValueError("name exactly one thing: user, role, policy or key")
        if user is not None:
            one = self.iam.get_user(user)
            shown = {"userName": one.name, "userId": one.id, "arn": one.arn, "path": one.path}
            names = [("AWS::IAM::User", each) for each in (one.id, one.arn, one.name)]
            return Made("CreateUser", {"userName": user}, {"user": shown}, names), one.create_date
        if role is not None:
            of = self.iam.get_role(role)
            shown = {"roleName": of.name, "roleId": of.id, "arn": of.arn, "path": of.path}
            names = [("AWS::IAM::Role", each) for each in (of.id, of.arn, of.name)]
            return Made("CreateRole", {"roleName": role}, {"role": shown}, names), of.create_date
        if policy is not None:
            made = self.iam.get_policy(policy)
            shown = {"policyName": made.name, "policyId": made.id, "arn": made.arn}
            names = [("AWS::IAM::Policy", each) for each in (made.id, made.arn, made.name)]
            asked = {"policyName": made.name}
            return Made("CreatePolicy", asked, {"policy": shown}, names), made.create_date
        found = self.iam.access_keys[key or ""]
        name, key_id = str(found.user_name), found.access_key_id
        shown = {"accessKeyId": key_id, "status": "Active", "userName": name}
        names = [("AWS::IAM::AccessKey", key_id), ("AWS::IAM::User", name)]
        request = {"userName": name}
        return Made("CreateAccessKey", request, {"accessKey": shown}, names), found.create_date

    def _history(self, region: str) -> EventHistory:
        history = cloudtrail_backends[self.account_id][region]
        if not isinstance(history, EventHistory):
            raise TypeError("CloudTrail was opened before install()")
        return history
