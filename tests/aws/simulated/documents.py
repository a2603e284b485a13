"""Policy documents that several tests of the simulated account use."""

import json
from typing import Any

ALLOW: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}
ALLOW_TEXT = json.dumps(ALLOW)
TRUST_TEXT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
LOCAL = "arn:aws:iam::123456789012:policy/"
AWS = "arn:aws:iam::aws:policy/"


def sized(characters: int) -> str:
    """A valid policy with that many characters that count, and whitespace that doesn't."""
    fixed = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::"}],
    }
    compact = json.dumps(fixed, separators=(",", ":"))
    padding = "x" * (characters - len(compact))
    return json.dumps(json.loads(compact.replace("s3:::", f"s3:::{padding}")), indent=4)
