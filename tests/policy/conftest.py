"""Hypothesis on machines of any speed; LOCKSMITH_EXAMPLES asks for a longer search."""

import os

from hypothesis import settings

settings.register_profile(
    "policy",
    # A busy machine is no failure of the policy language; the suite has a time limit of its own.
    deadline=None,
    max_examples=int(os.environ.get("LOCKSMITH_EXAMPLES", "60")),
)
settings.load_profile("policy")
