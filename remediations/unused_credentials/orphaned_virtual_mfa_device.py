"""Virtual MFA device that belongs to nobody

Detects
-------
Virtual MFA devices that are assigned to nobody, root included. AWS doesn't tell when one was made,
so that of somebody who is enrolling just now looks the same until the enrolment is done.

Why it matters
--------------
A device is left behind when an enrolment is broken off, or when its user is deleted. Its seed was
shown to somebody once. Its name stays taken: whoever is to get a device of that name can't enrol
one, root's `root-account-mfa-device` among them.

Changes
-------
Deletes the device. Just before, Locksmith looks that it still is assigned to nobody.

Undo
----
None: AWS shows the seed of a device once. Whoever needs a device makes a new one in a minute.

When to say no
--------------
While somebody is enrolling this very device.

References
----------
https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteVirtualMFADevice.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html
"""

from collections.abc import Iterator

from bot.model import (
    Control,
    Expect,
    Finding,
    Manual,
    Operator,
    Part,
    Plan,
    Resource,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
    Step,
)
from remediations import _reads as reads


def detect(snapshot: Snapshot, _settings: Settings) -> Iterator[Finding]:
    """One finding per device that nobody has."""
    for device in snapshot.virtual_mfa:
        if device.user_arn is not None:
            continue
        name = device.serial.split(":mfa/", 1)[-1]
        yield Finding(
            control=CONTROL.id,
            subject=device.serial,
            resource=Resource("mfa-device", name, device.serial, device.serial),
            severity=CONTROL.severity,
            summary=f"The virtual MFA device {name} is assigned to nobody",
            evidence={"serial": device.serial},
        )


def plan(finding: Finding, snapshot: Snapshot, _settings: Settings) -> Plan | Manual:
    """Delete the device."""
    serial, name = finding.resource.unique_id, finding.resource.name
    read = reads.call("ListVirtualMFADevices", AssignmentStatus="Unassigned")
    path = f"VirtualMFADevices[?SerialNumber=={reads.quoted(serial)}].SerialNumber | [0]"
    unassigned = Expect(
        read, path, Operator.EQUALS, serial, f"the device {name} is gone, or somebody has it by now"
    )
    step = Step(
        name="delete",
        summary=f"Delete the virtual MFA device {name} for good",
        risk=Risk.IRREVERSIBLE,
        before=(unassigned,),
        do=reads.call("DeleteVirtualMFADevice", SerialNumber=serial),
        after=(reads.absent(unassigned, f"the device {name} is still there"),),
        irreversible_because="AWS shows the seed of a device once; only a new one can replace it",
    )
    summary = f"Delete the virtual MFA device {name}, which belongs to nobody"
    breaks = ("Whoever is enrolling this very device has to begin anew",)
    return Plan(snapshot.account, finding.subject, (step,), summary, breaks)


CONTROL = Control(
    id="orphaned-virtual-mfa-device",
    title="Virtual MFA device that belongs to nobody",
    topic="unused_credentials",
    severity=Severity.LOW,
    risk=Risk.IRREVERSIBLE,
    needs=frozenset({Part.VIRTUAL_MFA}),
    settings=Settings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-2", "IA-5")),
)
