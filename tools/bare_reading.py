"""The least that any scanner must do: read the same facts with bare boto3 and parse them.

Prints one JSON line with its calls by operation. It evaluates nothing and remembers nothing.
"""

import argparse
import csv
import io
import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.config import Config

FILTER = ["User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy"]


def main() -> None:
    """Read the account that the environment points at; `--keys N` also names keys with N calls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=0, help="calls to spend on naming keys")
    budget = parser.parse_args().keys
    calls: Counter[str] = Counter()
    session = boto3.Session()
    retries = Config(retries={"mode": "adaptive", "total_max_attempts": 10})
    sts, iam, trail = (
        session.client(service, config=retries) for service in ("sts", "iam", "cloudtrail")
    )
    for client in (sts, iam, trail):
        client.meta.events.register("before-call", _counter(calls))
    sts.get_caller_identity()
    details = {
        name: [
            item
            for page in iam.get_paginator("get_account_authorization_details").paginate(
                Filter=FILTER, PaginationConfig={"PageSize": 1000}
            )
            for item in page[name]
        ]
        for name in ("UserDetailList",)
    }
    rows = _report(iam)
    iam.get_account_summary()
    _password_policy(iam)
    users = list(_pages(iam, "list_users", "Users"))
    list(_pages(iam, "list_virtual_mfa_devices", "VirtualMFADevices"))
    _service_credentials(iam)
    for found in trail.describe_trails(includeShadowTrails=True)["trailList"]:
        trail.get_trail_status(Name=found["TrailARN"])
        trail.get_event_selectors(TrailName=found["TrailARN"])
    _name_keys(iam, rows, budget)
    print(
        json.dumps({"calls": calls, "users": len(users), "details": len(details["UserDetailList"])})
    )


def _counter(calls: Counter[str]) -> Any:
    def count(model: Any, **_: Any) -> None:
        calls[f"{model.service_model.service_name}:{model.name}"] += 1

    return count


def _pages(iam: Any, operation: str, key: str) -> Iterator[Any]:
    for page in iam.get_paginator(operation).paginate(PaginationConfig={"PageSize": 1000}):
        yield from page[key]


def _report(iam: Any) -> list[dict[str, str]]:
    while iam.generate_credential_report()["State"] != "COMPLETE":
        time.sleep(0.2)
    text = iam.get_credential_report()["Content"].decode()
    return list(csv.DictReader(io.StringIO(text)))


def _password_policy(iam: Any) -> None:
    try:
        iam.get_account_password_policy()
    except iam.exceptions.NoSuchEntityException:
        return


def _service_credentials(iam: Any) -> None:
    marker: dict[str, str] = {}
    while True:
        page = iam.list_service_specific_credentials(AllUsers=True, MaxItems=1000, **marker)
        if not page.get("IsTruncated"):
            return
        marker = {"Marker": page["Marker"]}


def _name_keys(iam: Any, rows: list[dict[str, str]], budget: int) -> None:
    for row in rows:
        has_keys = any(row.get(f"access_key_{n}_last_rotated") not in (None, "N/A") for n in (1, 2))
        if not has_keys or row["user"] == "<root_account>":
            continue
        if budget < 2:
            return
        keys = iam.list_access_keys(UserName=row["user"])["AccessKeyMetadata"]
        budget -= 1
        for key in keys[:budget]:
            iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
            budget -= 1


if __name__ == "__main__":
    main()
