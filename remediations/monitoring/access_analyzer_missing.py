"""Region in which nobody looks at what outsiders reach

Detects
-------
Enabled Regions without an IAM Access Analyzer for external access, of the account or of the
organization, that is active or being made. Analyzers for unused or internal access look at other
things and don't count. An analyzer of the organization is seen in the account that holds it only:
elsewhere this control can't know of it. Regions that can't be read are named by the scan.

It is off unless you enable it: it reads every Region.

Why it matters
--------------
Nobody reads every policy of every bucket, role, key and queue. The analyzer does, and says which of
them somebody outside of the account can reach. It looks at the Region that it is in and nowhere
else.

Changes
-------
Makes an analyzer for external access in each of these Regions, with the name of the settings. Such
analyzers cost nothing, use no bucket and no key, and change no resource. The first one makes AWS
add the service-linked role AWSServiceRoleForAccessAnalyzer.

Undo
----
Deletes the analyzers that it made, and their findings with them. The service-linked role stays.

When to say no
--------------
When an analyzer of the organization, in another account, looks at this one as well: exempt the
account then.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-getting-started.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-28
https://aws.amazon.com/iam/access-analyzer/pricing/
CIS AWS Foundations Benchmark 3.0: 1.20, 5.0: 1.19, 7.0: 2.18
"""

from collections.abc import Iterator

from pydantic import Field

from bot.model import (
    Call,
    Control,
    Expect,
    Finding,
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
from remediations._reads import quoted
from remediations._subjects import account_resource

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-getting-started.html"


class AccessAnalyzerMissingSettings(Settings):
    """Whether to look, and what a new analyzer is called."""

    enabled: bool = Field(
        default=False, description="Off by default: it reads every enabled Region."
    )
    analyzer_name: str = Field(
        default="external-access",
        pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,254}$",
        description="The name of a new analyzer, the same in each Region.",
    )


def detect(snapshot: Snapshot, settings: AccessAnalyzerMissingSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding for the account, with the Regions where nobody looks."""
    lacking = _lacking(snapshot)
    if not lacking:
        return
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/access-analyzer",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary=f"Nobody looks at what outsiders reach in {len(lacking)} of "
        f"{len(snapshot.analyzers)} Regions: {_listed(lacking)}",
        evidence={"regions": [*lacking]},
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: AccessAnalyzerMissingSettings
) -> Plan | Manual:
    """Make an analyzer in each of these Regions."""
    name, lacking = settings.analyzer_name, _lacking(snapshot)
    taken = [
        region
        for region in lacking
        if any(each.name == name for each in snapshot.analyzers[region])
    ]
    if taken:
        return Manual(
            snapshot.account,
            finding.subject,
            f"there is an analyzer {name} already in {_listed(taken)}, which looks at something "
            "else or does not work",
            (
                f"Choose another controls.{CONTROL.id}.analyzer_name, or mend that analyzer",
                "Let Locksmith look again",
            ),
            (_LINK,),
        )
    return Plan(
        snapshot.account,
        finding.subject,
        tuple(_make(name, region) for region in lacking),
        f"Make an analyzer {name} for external access in {_listed(lacking)}, which costs nothing a "
        "month",
    )


def _lacking(snapshot: Snapshot) -> list[str]:
    return [
        region
        for region, analyzers in sorted(snapshot.analyzers.items())
        if not any(each.watches_outsiders for each in analyzers)
    ]


def _listed(regions: list[str]) -> str:
    return ", ".join(regions)


def _make(name: str, region: str) -> Step:
    read = Call("accessanalyzer", "ListAnalyzers", {}, region)
    path = f"analyzers[?name=={quoted(name)}].type | [0]"
    made = Expect(read, path, Operator.EQUALS, "ACCOUNT", f"{region} has no analyzer {name}")
    why = f"{region} has an analyzer {name} by now"
    # One kind of analyzer may be there once in each Region: another one for it would be refused.
    others = "analyzers[?type=='ACCOUNT' || type=='ORGANIZATION'].name | [0]"
    return Step(
        name=f"make-{region}",
        summary=f"Make the analyzer {name} in {region}",
        risk=Risk.REVERSIBLE,
        before=(
            Expect(read, path, Operator.ABSENT, None, why),
            Expect(read, others, Operator.ABSENT, None, f"somebody looks in {region} by now"),
        ),
        do=Call(
            "accessanalyzer", "CreateAnalyzer", {"analyzerName": name, "type": "ACCOUNT"}, region
        ),
        after=(made,),
        undo=Call("accessanalyzer", "DeleteAnalyzer", {"analyzerName": name}, region),
    )


CONTROL = Control(
    id="access-analyzer-missing",
    title="Region in which nobody looks at what outsiders reach",
    topic="monitoring",
    severity=Severity.HIGH,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.ANALYZERS}),
    settings=AccessAnalyzerMissingSettings,
    detect=detect,
    plan=plan,
    standards=Standards(cis={"3.0": ("1.20",), "5.0": ("1.19",), "7.0": ("2.18",)}),
)
