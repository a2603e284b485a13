"""Gets the credential report from AWS: asks for it early, waits for it a bounded time."""

from collections.abc import Callable
from datetime import datetime

from bot.aws.authorization import moment
from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, pages
from bot.model import Call

GENERATE = Call("iam", "GenerateCredentialReport")
GET = Call("iam", "GetCredentialReport")

#: Seconds between looks: AWS writes a large account's report within a minute or two.
WAITS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0)

# The wire's codes, and the names that botocore's model has for them.
_IN_PROGRESS = frozenset({"ReportInProgress", "CredentialReportNotReadyException"})
_NOT_PRESENT = frozenset(
    {
        "ReportNotPresent",
        "ReportExpired",
        "CredentialReportNotPresentException",
        "CredentialReportExpiredException",
    }
)


class ReportRequest:
    """A credential report that was asked for, to be fetched once the rest has been read.

    `refused` is why AWS would not make a new one, where it wouldn't.
    """

    def __init__(self, connection: AwsConnection) -> None:
        self._connection = connection
        self.refused: ReadFailedError | None = None
        self._ask()

    def fetch(
        self, pause: Callable[[float], None], progress: Callable[[str], None]
    ) -> tuple[str, datetime]:
        """The CSV and the time AWS made it.

        Raises ReadFailedError when it can't be had: refused, or not written after WAITS.
        """
        for wait in (*WAITS, None):
            try:
                answer = next(pages(self._connection, GET))
            except ReadFailedError as error:
                self._may_wait(error)
            else:
                return _text(answer["Content"]), moment(answer["GeneratedTime"])
            if wait is not None:
                progress("Waiting for AWS to write the credential report")
                pause(wait)
        raise ReadFailedError(
            "iam:GetCredentialReport",
            "ReportInProgress",
            f"AWS had not written the report after {sum(WAITS):.0f} seconds",
            "iam:GetCredentialReport",
        )

    def _ask(self) -> None:
        # An older report may be there although a new one is refused; its age is kept and shown.
        self.refused = None
        try:
            next(pages(self._connection, GENERATE))
        except ReadFailedError as error:
            self.refused = error

    def _may_wait(self, error: ReadFailedError) -> None:
        if error.code in _IN_PROGRESS:
            return
        if error.code not in _NOT_PRESENT:
            raise error
        if self.refused:
            raise self.refused from error
        self._ask()


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ReadFailedError(
            "iam:GetCredentialReport",
            "NotText",
            f"the credential report is not UTF-8: {error}",
            "iam:GetCredentialReport",
        ) from error
