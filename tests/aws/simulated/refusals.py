"""What a test expects AWS to refuse."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError


@contextmanager
def refused(code: str, *, status: int, saying: str = "") -> Iterator[None]:
    """The block must end in AWS's error of that code and HTTP status."""
    with pytest.raises(ClientError) as caught:
        yield
    response = caught.value.response
    assert response["Error"]["Code"] == code
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert saying in response["Error"]["Message"]
