"""The HTTP front: Slack's requests, let in strictly, and the health of this process."""
