"""Signatures of anchors by a key that never leaves AWS's Key Management Service."""

import base64
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives import serialization

from bot.aws.keeping import Connect, told
from bot.errors import AwsError

#: What KMS calls the algorithms that verification here knows, by the key's own list.
_ALGORITHMS = (
    "ED25519_SHA_512",
    "ECDSA_SHA_256",
    "ECDSA_SHA_384",
    "ECDSA_SHA_512",
    "RSASSA_PSS_SHA_256",
)


@dataclass
class KmsSigner:
    """Signs with a key that never leaves KMS. Both methods raise AwsError."""

    connect: Connect
    key: str
    region: str | None = None

    def sign(self, content: bytes) -> str:
        """The signature in base64."""
        with told("kms:Sign", self.connect()):
            answer = self._client.sign(
                KeyId=self.key,
                Message=content,
                MessageType="RAW",
                SigningAlgorithm=self._known[1],
            )
        return base64.b64encode(answer["Signature"]).decode()

    def public_key(self) -> str:
        """The public key as PEM."""
        return self._known[0]

    @cached_property
    def _client(self) -> Any:
        return self.connect().keeper("kms", self.region)

    @cached_property
    def _known(self) -> tuple[str, str]:
        with told("kms:GetPublicKey", self.connect()):
            answer = self._client.get_public_key(KeyId=self.key)
        offered = answer.get("SigningAlgorithms", ())
        algorithm = next((each for each in _ALGORITHMS if each in offered), None)
        if algorithm is None:
            raise AwsError(
                f"the key {self.key} doesn't sign with Ed25519, ECDSA or RSA-PSS",
                hint="Make one for signing: ECC_NIST_P256, for instance.",
            )
        public = serialization.load_der_public_key(answer["PublicKey"])
        pem = public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return pem.decode(), algorithm
