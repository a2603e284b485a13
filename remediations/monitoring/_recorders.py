"""What keeps AWS Config from recording in a Region, and what would mend it."""

from dataclasses import dataclass

from bot.model import ConfigRecorder, Snapshot, Standards, Step
from remediations.monitoring import _config_steps as steps

#: What AWS Config costs, in words.
COST = (
    "Config costs 0.3 US cents for each change of a thing that it records, in each Region, and "
    "storage for its files: about 1 US dollar a month in a quiet Region, far more where much comes "
    "and goes"
)
#: The items that want Config to record, the things of IAM too.
STANDARDS = Standards(
    cis={"3.0": ("3.3",), "5.0": ("3.3",), "7.0": ("4.3",)},
    fsbp=("Config.1",),
    nist=("CM-3", "CM-6(1)", "CM-8", "CM-8(2)"),
)
_OWN_ROLE = "AWSServiceRoleForConfig"


@dataclass(frozen=True, slots=True)
class Named:
    """What new recorders are made with: a bucket and a role's ARN, each empty where there is none.

    `iam_types_in` is the Region whose recorder records the things of IAM too.
    """

    bucket: str
    role: str
    iam_types_in: str


def lack(recorder: ConfigRecorder | None) -> str:
    """What keeps a Region's recorder from recording, in words; empty where it records."""
    if recorder is None:
        return "no recorder"
    if not recorder.channel:
        return "no delivery channel"
    if not recorder.recording:
        return "stopped"
    return "files don't arrive" if recorder.failed else ""


def own_role(snapshot: Snapshot) -> str:
    """The ARN of Config's service-linked role, where the account has it."""
    return next((role.arn for role in snapshot.roles if role.name == _OWN_ROLE), "")


def bucket_of(recorder: ConfigRecorder | None, named: Named) -> str:
    """Where a Region's files go: what its delivery channel says, or a new one will."""
    if recorder is not None and recorder.channel:
        return recorder.bucket or "it has"
    return named.bucket


def mending(region: str, recorder: ConfigRecorder | None, named: Named) -> tuple[Step, ...]:
    """The steps that let the Region be recorded; none where that is left to people."""
    if recorder is not None and recorder.channel:
        return () if recorder.recording else (steps.start(region, recorder.name),)
    if not named.bucket or (recorder is None and not named.role):
        return ()
    name = recorder.name if recorder else "default"
    with_iam = region == named.iam_types_in
    made = () if recorder else (steps.define(region, name, named.role, iam_types=with_iam),)
    running = recorder is not None and recorder.recording
    started = () if running else (steps.start(region, name),)
    return (*made, steps.deliver(region, name, named.bucket), *started)
