"""What is known of a control, for those who list and show them."""

from dataclasses import dataclass

from bot.model import AnyControl, Settings


@dataclass(frozen=True, slots=True)
class ControlView:
    """A control with the settings in force and its documentation page (Markdown)."""

    control: AnyControl
    settings: Settings
    documentation: str

    @property
    def enabled(self) -> bool:
        """Whether scans look with it."""
        return self.settings.enabled
