"""Use access levels to review IAM permissions."""
