"""The emulator's page as a person uses it, in a real Chromium."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # installed by `make slack-e2e` only
    from playwright.sync_api import Browser, Locator, Page

CHROMIUM = "/usr/bin/chromium"
#: It runs as root on machines without a screen, a GPU or a way out.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-lcd-text",  # grey letters make small pictures
)
WAIT_MS = 10_000
#: Pixels of a message, its picture of who wrote it included.
LONGEST_LINE = 720
#: What Slack draws and the emulator shows as it is written: dates in the reader's own time zone.
DRAW = """() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const day = { month: "short", day: "numeric", year: "numeric" };
  const minute = { hour: "numeric", minute: "2-digit" };
  const date = (_, seconds) => {
    const when = new Date(seconds * 1000);
    return when.toLocaleDateString("en-US", day) + " at "
      + when.toLocaleTimeString("en-US", minute);
  };
  const drawn = (text) => text.replace(/<!date\\^(\\d+)\\^[^|]*\\|[^>]*>/g, date)
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const now = drawn(text.data);
    if (now !== text.data) text.data = now;
  }
}"""


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Debian's Chromium without a screen, until the block ends."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class SlackPage:
    """One open page. Whoever it acts as, it shows everybody's conversations."""

    def __init__(self, page: "Page", url: str) -> None:
        page.set_default_timeout(WAIT_MS)
        page.goto(url)
        page.locator(".sidebar-item").first.wait_for()
        self._page = page

    def act_as(self, real_name: str) -> None:
        """Be somebody else."""
        self._page.locator(".actas select").select_option(label=real_name)

    def open_channel(self, name: str) -> None:
        """Go to a channel."""
        self._sidebar(".hash:not(:has-text('🏠'))", name).click()

    def open_direct(self, real_name: str) -> None:
        """Go to the bot's conversation with somebody."""
        self._sidebar(".dot", real_name).click()

    def open_home(self) -> None:
        """Go to the bot's Home tab, as whoever the page acts as."""
        self._page.locator(".sidebar-item:has(.hash:has-text('🏠'))").click()

    def message(self, text: str) -> "Locator":
        """The newest message that holds the text; waits for it."""
        found = self._page.locator(".msg", has_text=text).last
        found.wait_for()
        return found

    def text(self, text: str) -> "Locator":
        """Any part of the page with that text; waits for it."""
        found = self._page.get_by_text(text).last
        found.wait_for()
        return found

    def press(self, within: "Locator", label: str) -> None:
        """Press the button of a message or of Home. The page knows no confirm dialogs."""
        within.get_by_role("button", name=label, exact=True).click()

    def open_thread(self, message: "Locator") -> None:
        """Show the replies to a message."""
        message.locator(".thread-summary").click()

    def write(self, text: str) -> None:
        """Write a message, or a slash command, where the page is."""
        self._page.locator(".composer-input").fill(text)
        self._page.locator(".composer-send").click()

    def question_in_home(self, text: str) -> "Locator":
        """The row of buttons below what Home says of something; waits for it."""
        said = self._page.locator(".home .bk-section", has_text=text).first
        said.wait_for()
        return said.locator("xpath=following-sibling::*[contains(@class, 'bk-actions')][1]")

    def modal(self, title: str) -> "Locator":
        """The open modal of that title; waits for it."""
        found = self._page.locator(".modal", has=self._page.locator(".modal-title", has_text=title))
        found.wait_for()
        return found

    def fill(self, modal: "Locator", label: str, text: str) -> None:
        """Type into the input of that label."""
        self._input(modal, label).locator("input").fill(text)

    def choose(self, modal: "Locator", label: str, option: str) -> None:
        """Choose an option in the select of that label."""
        self._input(modal, label).locator("select").select_option(label=option)

    def submit(self, modal: "Locator") -> None:
        """Press the modal's main button."""
        modal.locator(".modal-btn.primary").click()

    def close(self, modal: "Locator") -> None:
        """Put the modal away."""
        modal.locator(".modal-x").click()
        modal.wait_for(state="detached")

    def home(self) -> "Locator":
        """All that the Home tab says."""
        return self._page.locator(".home-inner")

    def shot(self, path: Path, of: "Locator", *, margin: int = 0) -> None:
        """Take a picture of a part of the page, with dates drawn as Slack does.

        What is right of the longest line is left out; `margin` are pixels around the part.
        """
        self._page.mouse.move(0, 0)  # or else the part below it shows what can be done with it
        of.scroll_into_view_if_needed()
        self._page.evaluate(DRAW)
        box = of.bounding_box()
        assert box is not None
        self._page.screenshot(
            path=path,
            clip={
                "x": box["x"] - margin,
                "y": box["y"] - margin,
                "width": min(box["width"], LONGEST_LINE) + 2 * margin,
                "height": box["height"] + 2 * margin,
            },
            animations="disabled",
        )

    def _sidebar(self, sign: str, name: str) -> "Locator":
        return self._page.locator(f".sidebar-item:has({sign})", has_text=name)

    def _input(self, modal: "Locator", label: str) -> "Locator":
        named = self._page.locator(".bk-label", has_text=label)
        return modal.locator(".bk-input", has=named)
