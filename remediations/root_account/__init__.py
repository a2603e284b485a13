"""Lock away the account root user access keys."""
