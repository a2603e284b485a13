"""Rotate credentials regularly."""
