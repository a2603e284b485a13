"""Account without a security contact

Detects
-------
An account without an alternate contact for security, as AWS's account service says; contacts for
billing and operations stand for other people. Who is named is not judged.

Why it matters
--------------
AWS writes about leaked keys, abuse and holes to the account's own mailbox, which is often read by
nobody or by billing. The security contact gets a copy, at once and without a subscription.

Changes
-------
Adds the contact of the settings, if there is still none. Where the settings name nobody, Locksmith
lists the steps: whose name it is a person must choose.

Undo
----
Deletes the contact, if it is still the one that Locksmith added.

When to say no
--------------
When another tool sets contacts from the organization's management account: set it there.

References
----------
https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-contact-alternate.html
https://docs.aws.amazon.com/accounts/latest/reference/API_PutAlternateContact.html
https://docs.aws.amazon.com/securityhub/latest/userguide/account-controls.html#account-1
CIS AWS Foundations Benchmark 3.0: 1.2, 5.0: 1.2, 7.0: 2.3
"""

from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from bot.model import (
    Call,
    Control,
    Expect,
    Finding,
    Json,
    Manual,
    Operator,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
    Step,
)
from remediations import _reads as reads
from remediations._subjects import account_resource

_LINK = (
    "https://docs.aws.amazon.com/accounts/latest/reference/"
    "manage-acct-update-contact-alternate.html"
)
_TYPE = {"AlternateContactType": "SECURITY"}
_READ = Call("account", "GetAlternateContact", _TYPE)
_FIELDS = ("Name", "Title", "EmailAddress", "PhoneNumber")


class SecurityContactMissingSettings(Settings):
    """Whom AWS shall write to: all four or none, as AWS wants them."""

    name: str = Field(default="", max_length=64, description="The contact's name, or the team's.")
    title: str = Field(default="", max_length=50, description="Their title, such as CISO.")
    email: str = Field(
        default="",
        max_length=254,
        pattern=r"^([\w+=.#|!&-]+@[\w.-]+\.\w+)?$",
        description="The mailbox, best one that a team reads.",
    )
    phone: str = Field(
        default="",
        max_length=25,
        pattern=r"^([0-9()+-][\s0-9()+-]*)?$",
        description="The telephone number.",
    )

    @property
    def contact(self) -> tuple[str, str, str, str]:
        """Name, title, mailbox and number, in the order in which they are read."""
        return (self.name.strip(), self.title.strip(), self.email, self.phone.strip())

    @model_validator(mode="after")
    def _all_or_none(self) -> Self:
        if any(self.contact) and not all(self.contact):
            raise ValueError("a contact needs name, title, email and phone")
        return self


def detect(snapshot: Snapshot, settings: SecurityContactMissingSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding for the account."""
    if snapshot.has_security_contact:
        return
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/security-contact",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary="AWS has nobody to write to about the account's security",
        evidence={"security_contact": None},
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: SecurityContactMissingSettings
) -> Plan | Manual:
    """Add the contact of the settings, or the steps to add one."""
    if not all(settings.contact):
        return Manual(
            account=snapshot.account,
            subject=finding.subject,
            reason="the settings name no security contact, and a person must choose whom",
            steps=(
                "Choose a mailbox and a number that a team answers, not one person",
                (
                    f"Set name, title, email and phone of `controls.{CONTROL.id}` and scan again, "
                    "or open https://console.aws.amazon.com/billing/home#/account, Alternate "
                    "contacts, and add the security contact"
                ),
            ),
            links=(_LINK,),
        )
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=(_add(settings.contact),),
        summary=f"Let AWS write to {settings.email} about the account's security",
    )


def _add(contact: tuple[str, str, str, str]) -> Step:
    given = dict(zip(_FIELDS, contact, strict=True))
    # What is read stays yes or no: somebody else's name and number are nobody's business here.
    ours = " && ".join(f"{name} == {reads.quoted(value)}" for name, value in given.items())
    path = f"AlternateContact.{{kind: AlternateContactType, ours: {ours}}}"
    added: dict[str, Json] = {"kind": "SECURITY", "ours": True}
    not_ours = "the security contact is not the one that Locksmith added"
    return Step(
        name="add",
        summary="Add the alternate contact for security",
        risk=Risk.REVERSIBLE,
        before=(Expect(_READ, path, Operator.ABSENT, None, "there is a contact by now"),),
        do=Call("account", "PutAlternateContact", {**_TYPE, **given}),
        after=(Expect(_READ, path, Operator.EQUALS, added, not_ours),),
        undo=Call("account", "DeleteAlternateContact", _TYPE),
    )


CONTROL = Control(
    id="security-contact-missing",
    title="Account without a security contact",
    topic="root_account",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.SECURITY_CONTACT}),
    settings=SecurityContactMissingSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.2",), "5.0": ("1.2",), "7.0": ("2.3",)},
        fsbp=("Account.1",),
        nist=("CM-2", "CM-2(2)"),
    ),
)
