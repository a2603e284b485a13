"""Clients for anchors: they note things down and sign, and change nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from bot.aws.connection import AwsConnection
from bot.aws.reading import NOT_FROM_AWS, ReadFailedError
from bot.aws.sessions import credentials_error

#: Enters AWS when it is first needed.
Connect = Callable[[], AwsConnection]


@contextmanager
def told(action: str, connection: AwsConnection) -> Iterator[None]:
    """AWS's errors as ours; `action` is what IAM calls the permission."""
    try:
        yield
    except ClientError as error:
        details = error.response.get("Error", {})
        code = str(details.get("Code", "Unknown"))
        about_credentials = credentials_error(code, connection.region)
        if about_credentials:
            raise about_credentials from error
        raise ReadFailedError(action, code, str(details.get("Message", "")), action) from error
    except BotoCoreError as error:
        raise ReadFailedError(action, type(error).__name__, str(error), action) from error
    except NOT_FROM_AWS as error:
        raise ReadFailedError(
            action, "UnreadableAnswer", "the answer is not one that AWS gives", action
        ) from error
