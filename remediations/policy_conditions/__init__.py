"""Use policy conditions for extra security."""
