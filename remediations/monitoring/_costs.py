"""What trails cost and where they write, in words: each plan about one says both."""

from bot.model import Trail

#: Of what is said about prices: the list prices of most Regions.
#: https://aws.amazon.com/cloudtrail/pricing/
TRAIL_COST = (
    "The first copy of management events costs nothing, and storing its files up to about 1 US "
    "dollar a month in a small account; where another trail records them too, the second copy "
    "costs 2 US dollars for each 100,000 events"
)
#: Digest files, one an hour and Region, are small: AWS takes half a US cent for 1,000 of them.
DIGEST_COST = (
    "A small digest file is written to the trail's bucket every hour, for each Region: less than "
    "10 US cents a month"
)


def where(trail: Trail) -> str:
    """The Region of a trail, and the bucket and key of its files as far as it is known."""
    key = f", encrypted with {trail.key}" if trail.key else ""
    return f"{trail.home_region}, with its files in the bucket {trail.bucket or 'it has'}{key}"
