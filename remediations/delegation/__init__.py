"""Use roles to delegate permissions."""
