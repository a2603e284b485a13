"""What a snapshot says of each Region; the parts that only controls read that are off at first."""

from collections.abc import Mapping
from typing import Any

from bot.model.regional import Analyzer


class RegionalParts:
    """A snapshot's parts by Region. Regions that could not be read are missing, and said."""

    def _part(self, part: str) -> Any:
        raise NotImplementedError

    @property
    def analyzers(self) -> Mapping[str, tuple[Analyzer, ...]]:
        """The Access Analyzers of each enabled Region."""
        analyzers: Mapping[str, tuple[Analyzer, ...]] = self._part("analyzers")
        return analyzers
