"""A reader at a report in a real browser: opens it, points and presses, and notices all that goes
wrong or goes out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, expect

PATIENCE_S: Final = 30.0
"""Machines that run the tests are slow and shared: waiting long costs nothing where all is well."""

_WATCH: Final = """
document.addEventListener('securitypolicyviolation', (event) => {
  console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI}`);
});
"""


T = TypeVar("T")


def eventually(look: Callable[[], T]) -> T:
    """What `look` returns once it is true, or what it returned last when patience is at its end."""
    until = time.monotonic() + PATIENCE_S
    while not (result := look()) and time.monotonic() < until:
        time.sleep(0.05)
    return result


class Visit:
    """One page of a report, at `address` (a folder, ending in "/"), and everything it asked for and
    complained of.

    `tolerated` is what complaints a test expects; any other makes `complaints` non-empty.
    """

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address
        self.tolerated: re.Pattern[str] | None = None
        self.requested: list[str] = []
        self._messages: list[str] = []
        context.add_init_script(_WATCH)
        context.on("request", lambda request: self.requested.append(request.url))
        context.on(
            "dialog",
            lambda dialog: (self._messages.append(f"dialog: {dialog.message}"), dialog.dismiss()),
        )
        context.on("weberror", lambda failed: self._messages.append(f"exception: {failed.error}"))
        context.on("console", self._hear)
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_S * 1000)
        self.page.on("websocket", lambda socket: self.requested.append(socket.url))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._messages.append(f"console: {message.text} ({message.location.get('url', '')})")

    # ---- going there

    def go(self, path: str = "index.html", **selection: Any) -> Visit:
        """Open a page of the report, without waiting for what its scripts do."""
        self.page.goto(f"{self.address}{path}" + (f"#{urlencode(selection)}" if selection else ""))
        return self

    def open(self, **selection: Any) -> Visit:
        """Open the viewer at a selection (head="L0H1", doc=3, view="document" …) and wait until it
        is drawn."""
        return self.go(**selection).drawn()

    def drawn(self, ready: str = "true") -> Visit:
        """Wait until the view is drawn, or until it says that it cannot be."""
        self.page.locator(f"html[data-ready={ready}]").wait_for(state="attached")
        return self

    def becomes(self, ready: str = "true", **selection: Any) -> Visit:
        """Wait until the viewer's state has these values and is drawn. Fails with what the state
        was instead."""

        def state() -> dict[str, Any]:
            now = self.state
            return {key: now.get(key) for key in selection}

        eventually(lambda: state() == selection)
        assert state() == selection
        return self.drawn(ready)

    def close(self) -> None:
        self.context.close()

    # ---- what there is to see

    @property
    def state(self) -> dict[str, Any]:
        """The selection that the viewer says it shows."""
        state: dict[str, Any] = self.page.evaluate("window.attnviz ? {...attnviz.state} : {}")
        return state

    def find(self, selector: str, **options: Any) -> Locator:
        return self.page.locator(selector, **options)

    def text(self, selector: str) -> str:
        """The first such element's text as it is seen, white space and narrow spaces made plain."""
        return plain(self.find(selector).first.inner_text())

    def says(self, selector: str, text: str | re.Pattern[str]) -> None:
        """Fails where no such element comes to be seen with this text in it."""
        expect(self.find(selector).filter(has_text=text).first).to_be_visible()

    def texts(self, selector: str) -> list[str]:
        return [plain(text) for text in self.find(selector).all_inner_texts()]

    def boxes(self, selector: str) -> list[tuple[float, float, float, float]]:
        """Where such elements are in the window: left, top, width, height."""
        script = (
            "all => all.map(e => e.getBoundingClientRect()).map(b => [b.left, b.top, b.width,"
            " b.height])"
        )
        return [tuple(box) for box in self.find(selector).evaluate_all(script)]

    # ---- what went wrong

    @property
    def refusals(self) -> list[str]:
        """What the page's content security policy has refused."""
        return [message for message in self._messages if "policy:" in message]

    @property
    def complaints(self) -> list[str]:
        """Errors, dialogs and refusals that no test said it expects, and requests that left the
        report's folder."""
        inside = (self.address, "data:", "blob:")
        outside = [
            f"left the folder: {url}" for url in self.requested if not url.startswith(inside)
        ]
        return outside + [
            message
            for message in self._messages
            if not (self.tolerated and self.tolerated.search(message))
        ]


def plain(text: str) -> str:
    return " ".join(text.split())
