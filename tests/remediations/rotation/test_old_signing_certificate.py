"""Signing certificates that are too old; test_old_credentials has what all kinds share."""

from tests.remediations import aged

seed, just_within, just_beyond = aged.seeds(aged.with_signing_certificate)
