"""Remove unnecessary credentials."""
