"""Use roles for applications that run on Amazon EC2 instances."""
