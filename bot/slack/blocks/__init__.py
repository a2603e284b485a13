"""Our values as Slack's blocks: pure functions, from what is known to what people see."""
