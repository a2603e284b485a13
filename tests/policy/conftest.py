"""Hypothesis on machines of any speed."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "policy",
    # A busy machine is no failure of the policy language; the suite has a time limit of its own.
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=60,
    # Or else the parts of a property that is split would all try the same.
    derandomize=False,
)
settings.load_profile("policy")
