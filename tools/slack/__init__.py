"""A Slack of one's own: the emulator from npm, shut in a network namespace."""
