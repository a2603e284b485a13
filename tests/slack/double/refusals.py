"""How a method says no: with Slack's own error code."""


class Refused(Exception):  # noqa: N818 - it is an answer, not a failure of the double
    """`{"ok": false, "error": code}`, with whatever else Slack adds to it."""

    def __init__(self, code: str, **more: object) -> None:
        super().__init__(code)
        self.code = code
        self.more = more

    def body(self) -> dict[str, object]:
        """The answer as JSON."""
        return {"ok": False, "error": self.code, **self.more}
