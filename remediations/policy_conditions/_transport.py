"""The step that lets a bucket, a queue or a topic be used over TLS alone."""

from bot.model import (
    Account,
    Call,
    Expect,
    Finding,
    Guarded,
    Json,
    Manual,
    Operator,
    Plan,
    Resource,
    Risk,
    Severity,
    Step,
)
from bot.policy import Document, parse_document, requires_tls, with_tls_required
from remediations._policy_reads import compact

#: What is refused without TLS, by service: whatever a resource's policy can be about.
_ACTION = {"s3": "s3:*", "sqs": "sqs:*", "sns": "sns:Publish"}
_KIND = {"s3": "bucket", "sqs": "queue", "sns": "topic"}
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
# https://docs.aws.amazon.com/general/latest/gr/sns.html
_SIZE = {"s3": 20_480, "sqs": 8_192, "sns": 30_720}
_LINK = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html"


def is_open(one: Guarded) -> bool:
    """Whether it can be used without TLS by whoever may use it. Raises PolicyDocumentError."""
    document = _document(one)
    return document is None or not requires_tls(document, _ACTION[one.service], _resources(one))


def transport_finding(control: str, one: Guarded, account: Account, severity: Severity) -> Finding:
    """The finding. None of the three has an id besides its ARN."""
    kind = _KIND[one.service]
    return Finding(
        control=control,
        subject=f"{account.id}/{one.arn}/policy",
        resource=Resource(kind, one.name, one.arn, one.arn),
        severity=severity,
        summary=f"The {kind} {one.name} can be used without TLS",
        evidence={"region": one.region, "has_policy": bool(one.text)},
    )


def require_tls(finding: Finding, one: Guarded, account: Account) -> Plan | Manual:
    """Add the Deny to its policy, or make one; undo puts back the very text that was there."""
    kind, document = _KIND[one.service], _document(one)
    new = compact(with_tls_required(document, _ACTION[one.service], _resources(one)))
    if len(new.encode()) > _SIZE[one.service]:
        return Manual(
            account,
            finding.subject,
            f"with one statement more, the policy of the {kind} would be longer than AWS allows",
            (f"Shorten the policy of the {kind} {one.name}", "Let Locksmith scan again"),
            (_LINK,),
        )
    read, path = _read(one, account)
    why = f"the policy of {one.name} is another one by now"
    old = (
        Expect(read, path, Operator.EQUALS, one.text, why)
        if one.text
        else Expect(read, path, Operator.ABSENT, None, why)
    )
    added = _sid(new)
    step = Step(
        name="require-tls",
        summary=f"Refuse requests to the {kind} {one.name} that come without TLS",
        risk=Risk.DISRUPTIVE,
        before=(old,),
        do=_write(one, account, new),
        after=(Expect(read, path, Operator.CONTAINS, added, f"{one.name} has no {added}"),),
        undo=_write(one, account, one.text),
    )
    summary = f"Let the {kind} {one.name} be used over TLS alone"
    breaks = (f"Programs that use the {kind} {one.name} over plain HTTP are refused",)
    return Plan(account, finding.subject, (step,), summary, breaks)


def _document(one: Guarded) -> Document | None:
    return parse_document(one.text, where=f"the policy of {one.name}") if one.text else None


def _resources(one: Guarded) -> tuple[str, ...]:
    return (one.arn, f"{one.arn}/*") if one.service == "s3" else (one.arn,)


def _sid(text: str) -> str:
    """The name of the statement that was added, as it stands in the text."""
    return f'"{parse_document(text, where="the new policy").statements[-1].sid}"'


def _read(one: Guarded, account: Account) -> tuple[Call, str]:
    match one.service:
        case "s3":
            return Call("s3", "GetBucketPolicy", _bucket(one, account), one.region), "Policy"
        case "sqs":
            wanted: dict[str, Json] = {"QueueUrl": one.address, "AttributeNames": ["Policy"]}
            return Call("sqs", "GetQueueAttributes", wanted, one.region), "Attributes.Policy"
    topic: dict[str, Json] = {"TopicArn": one.address}
    return Call("sns", "GetTopicAttributes", topic, one.region), "Attributes.Policy"


def _write(one: Guarded, account: Account, text: str) -> Call:
    match one.service:
        case "s3" if not text:
            return Call("s3", "DeleteBucketPolicy", _bucket(one, account), one.region)
        case "s3":
            put = {**_bucket(one, account), "Policy": text}
            return Call("s3", "PutBucketPolicy", put, one.region)
        case "sqs":
            queue: dict[str, Json] = {"QueueUrl": one.address, "Attributes": {"Policy": text}}
            return Call("sqs", "SetQueueAttributes", queue, one.region)
    topic: dict[str, Json] = {
        "TopicArn": one.address,
        "AttributeName": "Policy",
        "AttributeValue": text,
    }
    return Call("sns", "SetTopicAttributes", topic, one.region)


def _bucket(one: Guarded, account: Account) -> dict[str, Json]:
    return {"Bucket": one.address, "ExpectedBucketOwner": account.id}
