"""Planning, approving, executing and undoing; the service is what surfaces call."""
