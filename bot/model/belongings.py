"""What hangs on a user besides password, access keys and policies, by the ids that AWS gives it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Belongings:
    """Everything of one user that AWS wants gone before it deletes the user, as it lists it live.

    Whether any of it is switched on makes no difference to that.
    """

    ssh_keys: tuple[str, ...] = ()
    signing_certificates: tuple[str, ...] = ()
    service_credentials: tuple[str, ...] = ()
    mfa_devices: tuple[str, ...] = ()
