"""Use groups to assign permissions to IAM users."""
