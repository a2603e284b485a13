"""`/locksmith`: one slash command with words after it, for people in Slack."""
