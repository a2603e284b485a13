"""What is known of a control, for those who list and show them."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model import AnyControl, Settings


@dataclass(frozen=True, slots=True)
class ControlView:
    """A control with the settings in force, and its page: texts by heading."""

    control: AnyControl
    settings: Settings
    documentation: Mapping[str, str]

    @property
    def enabled(self) -> bool:
        """Whether scans look with it."""
        return self.settings.enabled
