"""Signatures of anchors: who can't sign can't speak for the log."""

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from bot.engine.signing import LocalSigner, PublicKeys, Signed, fingerprint, new_key
from bot.errors import ConfigError
from bot.model import Anchor
from tests.conftest import NOON

ANCHOR = Anchor("d" * 32, 7, "a" * 64, NOON)


def pem(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> str:
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def test_a_signature_is_right_with_the_public_key_alone() -> None:
    private, public = new_key()
    signer = LocalSigner(private)
    signed = ANCHOR.signed(fingerprint(public), signer.sign)

    assert signer.public_key() == public
    assert PublicKeys.of([public]).judge(signed) is Signed.RIGHT
    assert Anchor.read(signed.text()) == signed


@pytest.mark.parametrize(
    "changed", [{"seq": 8}, {"hash": "b" * 64}, {"database": "e" * 32}, {"at": NOON.replace(day=1)}]
)
def test_whatever_is_changed_the_signature_is_wrong(changed: dict[str, object]) -> None:
    private, public = new_key()
    signed = ANCHOR.signed(fingerprint(public), LocalSigner(private).sign)

    forged = replace(signed, **changed)  # type: ignore[arg-type]

    assert PublicKeys.of([public]).judge(forged) is Signed.WRONG


@pytest.mark.parametrize("signature", ["AAAA", "not base64", "é"])
def test_what_is_no_signature_is_wrong(signature: str) -> None:
    _, public = new_key()

    forged = replace(ANCHOR, key=fingerprint(public), signature=signature)

    assert PublicKeys.of([public]).judge(forged) is Signed.WRONG


def test_none_and_another_ones_are_told_apart() -> None:
    private, public = new_key()
    _, other = new_key()
    signed = ANCHOR.signed(fingerprint(public), LocalSigner(private).sign)

    assert PublicKeys.of([other]).judge(signed) is Signed.UNKNOWN_KEY
    assert PublicKeys.of([public]).judge(ANCHOR) is Signed.MISSING
    claimed = replace(signed, key=fingerprint(other))
    assert PublicKeys.of([public, other]).judge(claimed) is Signed.WRONG


@pytest.mark.parametrize(
    ("curve", "algorithm"),
    [
        (ec.SECP256R1(), hashes.SHA256()),
        (ec.SECP384R1(), hashes.SHA384()),
        (ec.SECP521R1(), hashes.SHA512()),
    ],
)
def test_signatures_of_elliptic_curves(
    curve: ec.EllipticCurve, algorithm: hashes.HashAlgorithm
) -> None:
    key = ec.generate_private_key(curve)
    public = pem(key.public_key())

    def sign(content: bytes) -> str:
        return base64.b64encode(key.sign(content, ec.ECDSA(algorithm))).decode()

    assert PublicKeys.of([public]).judge(ANCHOR.signed(fingerprint(public), sign)) is Signed.RIGHT


def test_signatures_of_rsa() -> None:
    key = rsa.generate_private_key(65537, 2048)
    public = pem(key.public_key())

    def sign(content: bytes) -> str:
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        return base64.b64encode(key.sign(content, pss, hashes.SHA256())).decode()

    assert PublicKeys.of([public]).judge(ANCHOR.signed(fingerprint(public), sign)) is Signed.RIGHT


@pytest.mark.parametrize("wrong", ["hunter2", "", new_key()[1]])
def test_what_is_no_private_key_is_told_without_it(wrong: str) -> None:
    with pytest.raises(ConfigError, match="no Ed25519 private key") as caught:
        LocalSigner(wrong)

    assert not wrong or wrong not in f"{caught.value}{caught.value.hint}"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("wrong", ["hunter2", new_key()[0]])
def test_what_is_no_public_key_is_told_without_it(wrong: str) -> None:
    with pytest.raises(ConfigError, match="public key") as caught:
        PublicKeys.of([wrong])

    assert wrong not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "{}",
        '{"locksmith":"anchor/2"}',
        ANCHOR.text().replace('"seq":7', '"seq":"7"'),
        ANCHOR.text().replace('"seq":7', '"seq":true'),
        ANCHOR.text().replace("a" * 64, "a" * 63),
        ANCHOR.text().replace('"key":""', '"key":null'),
        ANCHOR.text().replace('"key":""', '"clef":""'),
        ANCHOR.text().replace("2026", "soon"),
    ],
)
def test_what_is_no_anchor_is_none(text: str) -> None:
    assert Anchor.read(text) is None
