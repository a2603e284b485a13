"""Locksmith as its users have it: processes, a simulated account in another process, real files."""
