"""Create individual IAM users."""
