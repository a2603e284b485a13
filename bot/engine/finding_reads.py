"""What is read of AWS only once something was found that it matters to, about those findings."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.aws.belongings import read_belongings
from bot.aws.connection import AwsConnection
from bot.aws.last_access import read_service_use
from bot.aws.mfa_kinds import read_mfa_kinds
from bot.aws.reading import with_part
from bot.aws.sign_ins import read_sign_ins
from bot.model import Finding, Part, Snapshot

#: These parts, in this order.
READ_FOR_FINDINGS = (Part.SIGN_INS, Part.MFA_DEVICES, Part.BELONGINGS, Part.SERVICE_USE)


def read_for_findings(
    part: Part,
    connection: AwsConnection,
    snapshot: Snapshot,
    found: Sequence[Finding],
    *,
    budget: int,
    pause: Callable[[float], None],
) -> Snapshot:
    """The snapshot with this part as far as these findings are about it.

    SERVICE_USE is read for all of their users within `budget` calls, or is unavailable; of the
    others what can't be read is left out. Raises CredentialsError where the session ends.
    """
    whose = {each.resource.unique_id: each.resource.name for each in found}
    seen: object
    match part:
        case Part.SIGN_INS:
            seen = read_sign_ins(connection, snapshot.taken_at)
        case Part.MFA_DEVICES:
            seen = read_mfa_kinds(connection, whose)
        case Part.BELONGINGS:
            seen = read_belongings(connection, whose)
        case _:
            users = [snapshot.users_by_id[each] for each in whose]
            return with_part(
                snapshot,
                Part.SERVICE_USE,
                lambda: read_service_use(connection, users, budget=budget, pause=pause),
            )
    return replace(snapshot, parts={**snapshot.parts, part: seen})
