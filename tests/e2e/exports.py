"""What the AWS CLI wrote about an account, by command, and how Locksmith takes it."""

import base64
import json
from collections.abc import Callable, Mapping

#: A file's content by the command that writes it.
Files = Mapping[str, bytes]
OPTIONS = {
    "get-account-authorization-details": "--authorization-details",
    "get-credential-report": "--credential-report",
    "get-account-summary": "--account-summary",
    "get-account-password-policy": "--password-policy",
}
DETAILS, REPORT, SUMMARY, POLICY = OPTIONS


#: Writes files into the shell's folder; gives the words that scan them.
Offline = Callable[[Files], tuple[str, ...]]


def without_wrappers(files: Files) -> Files:
    """The report as CSV, the rest as bare objects."""
    report = base64.b64decode(json.loads(files[REPORT])["Content"])
    summary = json.loads(files[SUMMARY])["SummaryMap"]
    policy = json.loads(files[POLICY])["PasswordPolicy"]
    return {
        DETAILS: files[DETAILS],
        REPORT: report,
        SUMMARY: json.dumps(summary).encode(),
        POLICY: json.dumps(policy).encode(),
    }
