"""Console passwords: their own dates, the reset flag, and the account's password policy.

moto dates a password by its user, forgets PasswordResetRequired, erases the password when
UpdateLoginProfile names none, and never looks at the policy.
"""

from __future__ import annotations

import string

from moto.iam.exceptions import EntityAlreadyExists, NotFoundException, ValidationError
from moto.iam.models import User

from bot.aws.simulated.clock import moto_time
from bot.aws.simulated.entities import SimulatedUser
from bot.aws.simulated.errors import PasswordPolicyViolation
from bot.aws.simulated.protected_entities import ProtectedEntities

_DEFAULT_MINIMUM = 8  # without a policy of the account's own
_CLASSES = (
    ("require_uppercase_characters", string.ascii_uppercase, "uppercase character"),
    ("require_lowercase_characters", string.ascii_lowercase, "lowercase character"),
    ("require_numbers", string.digits, "number"),
    ("require_symbols", "!@#$%^&*()_+-=[]{}|'", "symbol"),
)


class Passwords(ProtectedEntities):
    """Login profiles."""

    def create_login_profile(self, user_name: str, password: str | None) -> User:
        user = self.simulated_user(user_name)
        if user.password:
            raise EntityAlreadyExists(f"Login Profile for User {user_name} already exists.")
        self._strong_enough(password)
        user.password = password
        user.password_created = user.password_changed = moto_time(self.clock.now())
        user.password_reset_required = False
        return user

    def get_login_profile(self, user_name: str) -> User:
        return self.user_with_password(user_name)

    def user_with_password(self, user_name: str) -> SimulatedUser:
        """The user, who has a password; NoSuchEntity when there is no such user or password."""
        user = self.simulated_user(user_name)
        if not user.password:
            raise NotFoundException(f"Login Profile for User {user_name} cannot be found.")
        return user

    def update_login_profile(
        self, user_name: str, password: str | None, password_reset_required: bool | None
    ) -> User:
        user = self.user_with_password(user_name)
        if password is not None:
            self._strong_enough(password)
            user.password = password
            user.password_changed = moto_time(self.clock.now())
        if password_reset_required is not None:
            user.password_reset_required = password_reset_required
        return user

    def delete_login_profile(self, user_name: str) -> None:
        user = self.user_with_password(user_name)
        user.password = None
        user.password_created = user.password_changed = None
        user.password_reset_required = False

    def _strong_enough(self, password: str | None) -> None:
        if not password:
            raise ValidationError("Password must be given for a user who isn't root.")
        policy = self.account_password_policy
        minimum = policy.minimum_password_length if policy else _DEFAULT_MINIMUM
        if len(password) < minimum:
            raise PasswordPolicyViolation(f"Password should have a minimum length of {minimum}")
        for attribute, characters, name in _CLASSES:
            if policy and getattr(policy, attribute) and not set(password) & set(characters):
                raise PasswordPolicyViolation(f"Password should have at least one {name}")
