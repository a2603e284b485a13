"""Hypothesis on machines of any speed."""

from hypothesis import settings

settings.register_profile(
    "policy",
    # A busy machine is no failure of the policy language; the suite has a time limit of its own.
    deadline=None,
    max_examples=60,
    # Or else the parts of a property that is split would all try the same.
    derandomize=False,
)
settings.load_profile("policy")
