"""Where the catalogues ask for records of what is done, and keep the public out of buckets.

What NIST 800-53 asks for is as AWS Security Hub relates it to its controls: CloudTrail.1 and 5,
CloudFront.5 and S3.9 have all of `LOGGED`, S3.2, S3.3 and S3.8 are `PUBLIC_BUCKET`.
"""

from bot.model import Standards

LOGGED = (
    "AC-2(4)", "AC-4(26)", "AC-6(9)", "AU-2", "AU-3", "AU-6(3)", "AU-6(4)", "AU-10", "AU-12",
    "CA-7", "SC-7(9)", "SI-3(8)", "SI-4(20)", "SI-7(8)",
)  # fmt: skip

PUBLIC_BUCKET = Standards(
    cis={"3.0": ("2.1.4",), "5.0": ("2.1.4",), "7.0": ("2.21", "3.1.4")},
    fsbp=("S3.2", "S3.3", "S3.8"),
    nist=(
        "AC-3", "AC-3(7)", "AC-4", "AC-4(21)", "AC-6", "AC-21", "SC-7", "SC-7(3)", "SC-7(4)",
        "SC-7(9)", "SC-7(11)", "SC-7(16)", "SC-7(20)", "SC-7(21)",
    ),
    pci=("1.4.4",),
)  # fmt: skip
