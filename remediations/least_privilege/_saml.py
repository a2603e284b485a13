"""Roles that a SAML provider vouches for, and what would make one vouch for anybody.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html
"""

from collections.abc import Iterator

from bot.policy import Document, Statement, applies_to_action

#: Other metadata, or a provider of that very name made anew: from then on, one's own vouches.
TAKEOVERS = (("iam:UpdateSAMLProvider",), ("iam:DeleteSAMLProvider", "iam:CreateSAMLProvider"))


def vouching(trust: Document) -> Iterator[str]:
    """The ARNs of the SAML providers that alone decide who gets the role.

    Only where all conditions are on what the provider says (`SAML:aud` and the like).
    """
    denied = any(one.effect == "Deny" and _is_about(one) for one in trust.statements)
    for statement in trust.statements if not denied else ():
        if statement.effect == "Allow" and _is_about(statement) and _is_its_word(statement):
            for principal in statement.principals:
                if principal.type == "Federated" and ":saml-provider/" in principal.value:
                    yield principal.value


def _is_about(statement: Statement) -> bool:
    return applies_to_action(statement, "sts:AssumeRoleWithSAML")


def _is_its_word(statement: Statement) -> bool:
    return all(one.key.lower().startswith("saml:") for one in statement.conditions)
