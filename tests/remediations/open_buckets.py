"""Buckets that let the public in, or don't, because of what is set for the whole account.

Each with what lets it in: the bucket's policy, its ACL, both or neither.
"""

import pytest

from remediations.monitoring._buckets import SHUT

OF_THE_ACCOUNT = [
    pytest.param({"public_policy": True, "account_block": SHUT}, [], id="the account is shut"),
    pytest.param({"public_acl": True, "account_block": SHUT}, [], id="the account, by ACL"),
    pytest.param(
        {
            "public_policy": True,
            "public_acl": True,
            "account_block": {**SHUT, "RestrictPublicBuckets": False},
        },
        ["policy"],
        id="the account refuses new policies alone",
    ),
    pytest.param(
        {"public_acl": True, "account_block": {"BlockPublicAcls": True}},
        ["ACL"],
        id="the account refuses new ACLs alone",
    ),
    pytest.param(
        {
            "public_policy": True,
            "public_acl": True,
            "block": {"RestrictPublicBuckets": True},
            "account_block": {"IgnorePublicAcls": True},
        },
        [],
        id="both together",
    ),
]
