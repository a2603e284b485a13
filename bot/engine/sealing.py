"""Encrypts a short text to somebody's public key: RSA-OAEP with SHA-256, as base64.

`openssl pkeyutl` decrypts it with the private key; docs/rotation.md has the command.
https://www.rfc-editor.org/rfc/rfc8017#section-7.1
"""

import base64

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bot.errors import PlanError

#: NIST SP 800-57: RSA keys below this are not for new data.
SMALLEST_KEY = 2048


def seal(text: str, public_key: str) -> str:
    """The text that only the holder of the private key reads. Raises PlanError; says no text."""
    key = _rsa(public_key)
    if key is None:
        raise PlanError(f"it can't be sealed: {unfit_key(public_key)}")
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)
    try:
        return base64.b64encode(key.encrypt(text.encode(), oaep)).decode()
    except ValueError:
        # From None: the error's frames hold the text.
        raise PlanError("it can't be sealed: it is too long for this key") from None


def unfit_key(public_key: str) -> str | None:
    """Why nothing can be sealed with this key, or None."""
    if _rsa(public_key) is None:
        return f"the public key is no RSA key of {SMALLEST_KEY} bits or more in PEM"
    return None


def _rsa(public_key: str) -> rsa.RSAPublicKey | None:
    try:
        key = serialization.load_pem_public_key(public_key.strip().encode() + b"\n")
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < SMALLEST_KEY:
        return None
    return key
