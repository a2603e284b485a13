"""Who gets the secret of a new key: the settings that say so, and what follows for one user."""

from fnmatch import fnmatchcase

from pydantic import Field, field_validator

from bot.model import AccessKey, Account, Part, Settings, Snapshot, User, of_one_principal
from remediations.rotation._new_key import Handover, secret_name

_PEM = "-----BEGIN PUBLIC KEY-----"


class HandoverSettings(Settings):
    """Where the secret of a new key goes."""

    readers: dict[str, str] = Field(
        default_factory=dict,
        description="Who alone may read the secret of a new key in Secrets Manager: the name of a "
        "user, with * and ? as wildcards, to the ARN of a role or user of the same account. The "
        "first that fits counts; for users without one, the `reader` in owners.mapping_file does. "
        "Those who have none there and none in public_keys are rotated by hand.",
    )
    public_keys: dict[str, str] = Field(
        default_factory=dict,
        description="What the secret of a new key is encrypted for, so that only the holder of "
        "the private key reads it: the name of a user, with * and ? as wildcards, to an RSA public "
        "key in PEM of 2048 bits or more.",
    )

    @field_validator("readers")
    @classmethod
    def _readers(cls, readers: dict[str, str]) -> dict[str, str]:
        for arn in readers.values():
            if not of_one_principal(arn):
                raise ValueError(
                    f"{arn!r} must be the ARN of one role or user, such as "
                    "arn:aws:iam::123456789012:role/app"
                )
        return readers

    @field_validator("public_keys")
    @classmethod
    def _public_keys(cls, keys: dict[str, str]) -> dict[str, str]:
        for pattern, key in keys.items():
            if not key.strip().startswith(_PEM):
                raise ValueError(f"the key for {pattern} must begin with {_PEM}")
        return keys

    def needs(self) -> frozenset[Part]:
        """What is in Secrets Manager already, where anything is ever put there."""
        return frozenset({Part.SECRETS}) if self.readers or self.public_keys else frozenset()

    def handover(self, user: User, key: AccessKey, snapshot: Snapshot) -> Handover | str:
        """Where this user's new secret goes, or why it can go nowhere."""
        reader = _first(self.readers, user.name) or snapshot.readers.get(user.id)
        public_key = _first(self.public_keys, user.name)
        if reader is None and public_key is None:
            return "no setting says who may have the secret of a new one"
        if reader is not None and Account.of_arn(reader) != snapshot.account:
            return f"{reader}, who may have the secret of a new one, is of another account"
        store = snapshot.parts.get(Part.SECRETS)
        if store is None:
            return "Locksmith could not look what is in Secrets Manager"
        return Handover(secret_name(key), reader, public_key, store)


def _first(settings: dict[str, str], name: str) -> str | None:
    return next((value for glob, value in settings.items() if fnmatchcase(name, glob)), None)
