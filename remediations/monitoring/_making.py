"""What people do to make what Locksmith doesn't make by itself, with names proposed."""

from bot.model import Account, Trail


def create_bucket(name: str, region: str) -> str:
    """The AWS CLI's command for a bucket.

    S3 makes buckets in us-east-1 unless told otherwise, and refuses to be told that.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    """
    there = f" --create-bucket-configuration LocationConstraint={region}"
    elsewhere = "" if region == "us-east-1" else there
    return f"aws s3api create-bucket --bucket {name} --region {region}{elsewhere}"


def make_trail_bucket(trail: Trail, account: Account, setting: str) -> tuple[str, ...]:
    """The steps that make a bucket for a new trail's files, and tell Locksmith of it.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    proposed, arn = f"trail-files-{account.id}", f"arn:{account.partition}:s3:::"
    return (
        (
            "Choose a bucket for the files of a new trail, or make one that holds nothing else, "
            f"such as: {create_bucket(proposed, trail.home_region)}"
        ),
        (
            f"Let its policy allow cloudtrail.amazonaws.com s3:GetBucketAcl on {arn}{proposed} and "
            f"s3:PutObject on {arn}{proposed}/AWSLogs/{account.id}/* where s3:x-amz-acl is "
            f"bucket-owner-full-control, both where aws:SourceArn is {trail.arn}"
        ),
        (
            f"Name it in {setting}, and Locksmith offers to make the trail {trail.name} in "
            f"{trail.home_region}; or make one that records every region, with management events "
            "of both kinds"
        ),
    )
