"""Signatures of anchors: made with a private key from outside the database, checked without it."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from bot.errors import ConfigError
from bot.model import Anchor

PublicKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey

_SEEN_AS = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}


class Signed(StrEnum):
    """What a signature says of an anchor. Only `right` speaks for it."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"
    UNKNOWN_KEY = "unknown key"


class LocalSigner:
    """Signs with an Ed25519 key that this process was given."""

    def __init__(self, pem: str) -> None:
        """Raises ConfigError, which says nothing of the key."""
        try:
            key = serialization.load_pem_private_key(pem.strip().encode() + b"\n", password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise ConfigError(
                "audit.signing.private_key is no Ed25519 private key in PEM, without a passphrase",
                hint="`locksmith audit keygen FILE` makes one.",
            ) from None
        self._key = key

    def sign(self, content: bytes) -> str:
        """The signature in base64."""
        return base64.b64encode(self._key.sign(content)).decode()

    def public_key(self) -> str:
        """The public key as PEM."""
        return _pem(self._key.public_key())


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """The public keys whose signatures count, by their fingerprints; none: nothing is checked."""

    keys: Mapping[str, PublicKey] = field(default_factory=dict)

    @classmethod
    def of(cls, pems: Iterable[str]) -> "PublicKeys":
        """The keys in these PEM texts. Raises ConfigError."""
        keys = [_public(pem) for pem in pems]
        return cls({_fingerprint(key): key for key in keys})

    def judge(self, anchor: Anchor) -> Signed:
        """What the signature of an anchor says of it."""
        if not anchor.signature:
            return Signed.MISSING
        key = self.keys.get(anchor.key)
        if key is None:
            return Signed.UNKNOWN_KEY
        try:
            _verify(key, base64.b64decode(anchor.signature, validate=True), anchor.content())
        except (InvalidSignature, ValueError):
            return Signed.WRONG
        return Signed.RIGHT


def fingerprint(pem: str) -> str:
    """What a public key is called: `SHA256:` and the hash of its DER in base64."""
    return _fingerprint(_public(pem))


def new_key() -> tuple[str, str]:
    """A new Ed25519 key: the private part, which is a secret, and the public one, as PEM."""
    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private.decode(), _pem(key.public_key())


def _public(pem: str) -> PublicKey:
    try:
        key = serialization.load_pem_public_key(pem.strip().encode() + b"\n")
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, PublicKey):
        return key
    raise ConfigError("a public key for anchors is no Ed25519, EC or RSA public key in PEM")


def _verify(key: PublicKey, signature: bytes, content: bytes) -> None:
    match key:
        case ed25519.Ed25519PublicKey():
            key.verify(signature, content)
        case rsa.RSAPublicKey():
            # KMS's RSASSA_PSS_SHA_256; how long the salt is, the signature says.
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
            key.verify(signature, content, pss, hashes.SHA256())
        case _:
            key.verify(signature, content, ec.ECDSA(_SEEN_AS[key.curve.key_size]))


def _pem(key: PublicKey) -> str:
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def _fingerprint(key: PublicKey) -> str:
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")
