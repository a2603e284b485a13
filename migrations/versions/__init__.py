"""The revisions; each is applied once, in order, and never edited after a release."""
