"""The parts that only controls need which are off at first, and how each is read.

They take calls to every Region, or to every bucket, which nobody asked for who left them off.
"""

from collections.abc import Callable, Mapping

from bot.aws.connection import AwsConnection
from bot.aws.regional import Seen, read_analyzers
from bot.model import Part

#: Reads a part from the enabled Regions. Raises ReadFailedError where none of it can be read.
Reading = Callable[[AwsConnection, tuple[str, ...]], Seen]

OPT_IN: Mapping[Part, Reading] = {
    Part.ANALYZERS: read_analyzers,
}
