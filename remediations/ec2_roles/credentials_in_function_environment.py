"""Credentials in the environment of a function

Detects
-------
Lambda functions whose environment variables have an access key's id, a secret access key, a session
token or a private key in them. AWS's own examples don't count, nor do passwords, which look like
anything else. Variables that only a KMS key opens which Locksmith may not use are not seen. Values
are looked at and forgotten: neither they nor the names of the variables are shown, stored or
logged, only which kinds of credentials there are.

It is off unless you enable it: it lists the functions of every Region.

Why it matters
--------------
A function has a role, whose credentials it gets by itself. Whoever may describe the function reads
its environment, and a key in it is copied with every deployment.

Changes
-------
Nothing by itself: AWS changes the whole environment at once, so that Locksmith would have to hold
all its values. It lists the steps.

Undo
----
Nothing was changed.

When to say no
--------------
When they are none: made up for a test, or long switched off.

References
----------
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Resource,
    Settings,
    Severity,
    Snapshot,
    Standards,
)

_LINK = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html"


class CredentialsInFunctionEnvironmentSettings(Settings):
    """Whether to look."""

    enabled: bool = Field(
        default=False, description="Off by default: it lists the functions of every Region."
    )


def detect(
    snapshot: Snapshot,
    settings: CredentialsInFunctionEnvironmentSettings,  # noqa: ARG001 - every control's signature
) -> Iterator[Finding]:
    """One finding per function."""
    for region, spotted in sorted(snapshot.function_environments.items()):
        for each in spotted:
            yield Finding(
                control=CONTROL.id,
                subject=f"{each.arn}/environment",
                resource=Resource("function", each.name, each.arn, each.arn),
                severity=CONTROL.severity,
                summary=f"The environment of the function {each.name} has credentials in it: "
                + ", ".join(each.kinds),
                evidence={"region": region, "kinds": [*each.kinds]},
            )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: CredentialsInFunctionEnvironmentSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """How to get rid of them."""
    name, region = finding.resource.name, finding.evidence["region"]
    return Manual(
        snapshot.account,
        finding.subject,
        "AWS changes a function's whole environment at once, of which Locksmith holds no value",
        (
            (
                "Look at them yourself: aws lambda get-function-configuration --function-name "
                f"{name} --region {region}"
            ),
            "Give the function's execution role what it needs, or let it fetch a secret",
            "Take the variables out, where the function is deployed from too",
            (
                "Switch the credentials off, as for any that leaked, and look who else used them: "
                "`locksmith identify` tells whose an access key is"
            ),
            "Let Locksmith look again",
        ),
        (_LINK,),
    )


CONTROL = Control(
    id="credentials-in-function-environment",
    title="Credentials in the environment of a function",
    topic="ec2_roles",
    severity=Severity.HIGH,
    risk=None,
    needs=frozenset({Part.FUNCTION_ENVIRONMENTS}),
    settings=CredentialsInFunctionEnvironmentSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("IA-5(7)",), pci=("8.6.2",)),
)
