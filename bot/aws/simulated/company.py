"""The words of the simulated company: people's names, teams, services, policy documents.

Harbourlight books freight. Nobody in it exists; its mail domain is reserved (RFC 2606).
"""

from __future__ import annotations

from typing import Any

DOMAIN = "harbourlight.example"

TEAMS = ("platform", "payments", "data", "web", "support", "mobile", "finance", "warehouse")
REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-southeast-1")

_FIRST_NAMES = (
    "aaliyah adriana aiko alejandro amina anders anika arjun astrid beatriz benedikt bianca "
    "carlos chiara chloe daniel daria dmitri elena elif emeka emil eva fatima felix freya "
    "gabriel hana henrik ibrahim ines isla ivan jamal jana jin joana julia kai karim katja "
    "kofi lara leila liam lucia magnus mara marek maya mehmet mei milan nadia nikhil noor "
    "olga omar paula pedro rafael rania ravi rosa ruben sadia samuel sanna sofia stefan svea "
    "tariq teodora thandi tuan ulrike valentina victor wanjiru yara yuki zara zoltan "
)
FIRST_NAMES = tuple(_FIRST_NAMES.split())
_LAST_NAMES = (
    "abara adler ahmadi almeida andersen banerjee barros bauer bianchi castillo chaudhry "
    "costa dahl danso demir dubois eriksen farouk ferrari flores fujita garcia gruber haddad "
    "hansen horvath ibarra iwata jansen jovanovic kamau kaya keller khan kim kovacs kumar "
    "laurent lehmann lopez mahlangu marino mbeki mendes meyer moreau murphy nakamura navarro "
    "nguyen novak okoye olsen oyelaran park patel petrov quispe rahman rossi saito salazar "
    "santos schmidt sharma silva sorensen tanaka tremblay uddin varga vega vogel wagner walsh "
    "weber yamada yilmaz zhou "
)
LAST_NAMES = tuple(_LAST_NAMES.split())
_PROGRAMS = (
    "invoice-mailer rate-sync label-printer customs-feed edi-gateway track-poller ftp-mirror "
    "backup-agent ci-runner metrics-push image-resizer search-indexer tax-lookup bank-import "
    "route-planner alert-relay log-shipper price-crawler scanner-hub weather-feed "
)
PROGRAMS = tuple(_PROGRAMS.split())
SERVICES = ("s3", "sqs", "dynamodb", "lambda", "ec2", "sns", "cloudwatch", "secretsmanager")
# What a narrow policy allows of a service; verbs are real actions.
ACTIONS = {
    "s3": ("s3:GetObject", "s3:ListBucket", "s3:PutObject"),
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:SendMessage"),
    "dynamodb": ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"),
    "lambda": ("lambda:InvokeFunction", "lambda:GetFunction"),
    "ec2": ("ec2:DescribeInstances", "ec2:StartInstances", "ec2:StopInstances"),
    "sns": ("sns:Publish", "sns:ListTopics"),
    "cloudwatch": ("cloudwatch:PutMetricData", "cloudwatch:GetMetricData"),
    "secretsmanager": ("secretsmanager:GetSecretValue",),
}


def statement(effect: str, actions: str | list[str], resource: str | list[str]) -> dict[str, Any]:
    """One statement of a policy."""
    return {"Effect": effect, "Action": actions, "Resource": resource}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


FULL_ADMIN = document(statement("Allow", "*", "*"))
ALL_BUT_IAM = document({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"})
DENY_OUTSIDE_EUROPE = document(
    {
        "Sid": "EuropeOnly",
        "Effect": "Deny",
        "NotAction": ["iam:*", "sts:*", "support:*"],
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}},
    }
)


def narrow(service: str, name: str) -> dict[str, Any]:
    """A policy for a few actions of a service on resources of that name."""
    actions = list(ACTIONS[service])
    if service in ("ec2", "cloudwatch"):
        return document(statement("Allow", actions, "*"))
    if service == "s3":
        bucket = f"arn:aws:s3:::harbourlight-{name}"
        return document(statement("Allow", actions, [bucket, f"{bucket}/*"]))
    return document(statement("Allow", actions, f"arn:aws:{service}:*:*:*{name}*"))


def trust(
    principal: Any, condition: dict[str, Any] | None = None, action: str = "sts:AssumeRole"
) -> dict[str, Any]:
    """A trust policy for one principal."""
    allowed: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        allowed["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [allowed]}
