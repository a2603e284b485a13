"""What stands in each Region of an account: who looks there, and what runs there."""

from dataclasses import dataclass

#: Analyzers that look at what outsiders reach; the others look at what lies unused, or inside.
EXTERNAL_ACCESS = frozenset({"ACCOUNT", "ORGANIZATION"})


@dataclass(frozen=True, slots=True)
class Analyzer:
    """An IAM Access Analyzer; `kind` and `status` in AWS's words, such as ACCOUNT and ACTIVE."""

    name: str
    arn: str
    kind: str
    status: str

    @property
    def watches_outsiders(self) -> bool:
        """Whether it looks, or is about to look, at what outsiders reach."""
        return self.kind in EXTERNAL_ACCESS and self.status in ("ACTIVE", "CREATING")
