"""A resource's policy that turns plain HTTP away."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.policy import parse_document, requires_tls, with_tls_required
from tests.policy.oracle import Caller, permitted
from tests.policy.rewrites.examples import tried
from tests.policy.trust_strategies import FOREIGN, OWN, PRINCIPALS

BUCKET = "arn:aws:s3:::bucket"
FILES = f"{BUCKET}/*"
RESOURCES = (BUCKET, f"{BUCKET}/key", f"{BUCKET}/a/b", f"{BUCKET}s/key")
ACTIONS = ("s3:GetObject", "s3:ListBucket", "s3:PutBucketPolicy", "S3:putobject", "kms:Decrypt")
_BLOCKS: tuple[Any, ...] = (
    *({} for _ in range(3)),
    {"Bool": {"aws:SecureTransport": "true"}},
    {"Bool": {"aws:SecureTransport": "false"}},
    {"BoolIfExists": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:x": "y"}},
)
STATEMENTS = st.builds(
    lambda effect, who, action, resource, block, sid: {
        "Effect": effect,
        "Action": action,
        "Resource": resource,
        **who,
        **({"Condition": block} if block else {}),
        **({"Sid": sid} if sid else {}),
    },
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(
        [
            *({"Principal": {"AWS": each}} for each in PRINCIPALS),
            {"Principal": "*"},
            {"Principal": {"Service": "logs.amazonaws.com"}},
            {"NotPrincipal": {"AWS": PRINCIPALS[3]}},
        ]
    ),
    st.sampled_from(["s3:*", "*", "s3:GetObject", "s3:Get*", ["s3:ListBucket", "s3:PutObject"]]),
    st.sampled_from([BUCKET, FILES, [BUCKET, FILES], "*", f"{BUCKET}*", f"{BUCKET}/k?y"]),
    st.sampled_from(_BLOCKS),
    st.sampled_from(["", "OnlyOverTls", "OnlyOverTls2", "Other"]),
)
CALLERS = [
    Caller(arn=f"arn:aws:iam::{account}:role/deploy", account=account, context=context)
    for account in (OWN, FOREIGN)
    for context in ({}, *({"aws:securetransport": (each,)} for each in ("true", "false")))
] + [Caller(service="logs.amazonaws.com", context={"aws:securetransport": ("true",)})]


@tried(0.04, 100)
@given(listed=st.lists(STATEMENTS, max_size=4))
def test_only_plain_http_is_turned_away(part: int, listed: list[dict[str, Any]]) -> None:
    """On the named resources, whoever asks; and nobody may do more."""
    content: Any = {"Version": "2012-10-17", "Statement": listed}
    document = parse_document(content, where="b") if listed else None
    after = with_tls_required(document, "s3:*", (BUCKET, FILES))
    assert requires_tls(parse_document(after, where="b"), "s3:*", (BUCKET, FILES))
    sids = [one["Sid"] for one in after["Statement"] if "Sid" in one]
    assert after["Statement"][:-1] == listed
    assert sids.count(sids[-1]) == 1
    for caller in CALLERS:
        old = permitted((content,), ACTIONS, RESOURCES, caller)
        new = permitted((after,), ACTIONS, RESOURCES, caller)
        plain = caller.context.get("aws:securetransport") == ("false",)
        refused = {each for each in old if plain and _is_about(*each)}
        assert new == old - refused
        said = document is not None and requires_tls(document, "s3:*", (BUCKET, FILES))
        assert not (said and refused), "it was said that it is refused already"


def _is_about(action: str, resource: str) -> bool:
    return action.lower().startswith("s3:") and not resource.startswith(f"{BUCKET}s")
