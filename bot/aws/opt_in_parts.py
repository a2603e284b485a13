"""The parts that take calls to every Region, or to every bucket, and how each is read.

But for the trails of other Regions, only controls need them which are off at first: nobody asked
for those calls who left them off.
"""

from collections.abc import Callable, Mapping

from bot.aws.alarms import read_alarms
from bot.aws.buckets import (
    read_bucket_policies,
    read_buckets,
    read_public_buckets,
    read_trail_buckets,
)
from bot.aws.computing import (
    read_function_environments,
    read_instances,
    read_launch_templates,
    read_user_data,
)
from bot.aws.connection import AwsConnection
from bot.aws.distributions import read_distributions
from bot.aws.queues_and_topics import read_queue_and_topic_policies
from bot.aws.regional import Regions, Seen, read_analyzers, read_recorders
from bot.aws.trails import read_regional_trails
from bot.aws.unused_access import read_unused_access
from bot.model import Part

#: Reads a part, from the enabled Regions if it is one by Region. Raises ReadFailedError where none
#: of it can be read.
Reading = Callable[[AwsConnection, Regions], Seen]

OPT_IN: Mapping[Part, Reading] = {
    Part.REGIONAL_TRAILS: read_regional_trails,
    Part.ANALYZERS: read_analyzers,
    Part.TRAIL_BUCKETS: read_trail_buckets,
    Part.CONFIG_RECORDERS: read_recorders,
    Part.ALARMS: read_alarms,
    Part.BUCKETS: read_buckets,
    Part.DISTRIBUTIONS: read_distributions,
    Part.INSTANCES: read_instances,
    Part.LAUNCH_TEMPLATES: read_launch_templates,
    Part.USER_DATA: read_user_data,
    Part.FUNCTION_ENVIRONMENTS: read_function_environments,
    Part.BUCKET_POLICIES: read_bucket_policies,
    Part.PUBLIC_BUCKETS: read_public_buckets,
    Part.QUEUE_AND_TOPIC_POLICIES: read_queue_and_topic_policies,
    Part.UNUSED_ACCESS: read_unused_access,
}
