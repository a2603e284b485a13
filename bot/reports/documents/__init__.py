"""What programs are given: JSON objects, each with a schema of its own name and version."""
