"""Monitor activity in your AWS account."""
