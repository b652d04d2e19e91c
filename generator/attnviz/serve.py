"""A local web server for a report. It answers this machine alone, and no page of another site; it
serves nothing outside the report's folder, and lets browsers keep nothing without asking again."""

from __future__ import annotations

import http.server
import io
import re
import sys
import threading
import webbrowser
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO

from attnviz.errors import InputError
from attnviz.format.shards import LARGEST
from attnviz.format.twins import content_of, twin_path

MIME_TYPES = {
    ".arrow": "application/vnd.apache.arrow.file",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
# A page elsewhere that points its own name at 127.0.0.1 must not read the report.
_LOCAL_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)

_TWINS = (".arrow.js", "manifest.js")
"""Ends of the names of scripts that hold data, for reports opened by double-click: any page may run
a script of any site, and so read it."""
_PAGES = ("index.html", "index.htm")
"""What the server looks for in a folder."""


def make_server(
    directory: Path, port: int = 0, prefix: str = "/"
) -> http.server.ThreadingHTTPServer:
    """A server that is bound to 127.0.0.1 and does not run yet: call `serve_forever`, then
    `server_close`.

    Port 0 takes a free port; `address` has it. `prefix` puts the report under a sub-path, as GitHub
    Pages does. Raises InputError if the folder has no report or the port is taken.
    """
    if not (directory / "index.html").is_file():
        raise InputError(
            f"{directory}: there is no report here (no index.html); expected a folder that attnviz"
            " build wrote"
        )
    handler = partial(
        _Handler, root=directory.resolve(), prefix=f"/{prefix.strip('/')}/".replace("//", "/")
    )
    try:
        return _Server(("127.0.0.1", port), handler)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"port {port}: {reason}; expected a free port, or none to have one chosen"
        ) from None


def address(server: http.server.ThreadingHTTPServer, prefix: str = "/") -> str:
    """The URL at which a server answers."""
    return f"http://127.0.0.1:{server.server_port}{prefix}"


def serve(
    directory: Path, port: int = 0, open_browser: bool = True, say: Callable[[str], None] = print
) -> None:
    """Serve a report until Ctrl-C, and open it in the browser if `open_browser`."""
    with make_server(directory, port) as server:
        try:
            say(f"Serving {directory} at {address(server)} (Ctrl-C ends it)")
            if open_browser:
                # A browser in the terminal would not return before it is closed.
                threading.Thread(
                    target=webbrowser.open, args=(address(server),), daemon=True
                ).start()
            server.serve_forever()
        except KeyboardInterrupt:
            say("Stopped.")


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        # A reader who leaves early is no error.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def __init__(self, *args: Any, root: Path, prefix: str) -> None:
        self.root, self.prefix = root, prefix
        super().__init__(*args, directory=str(root))

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        refusal = self._refusal()
        if refusal is not None:
            self.send_error(*refusal)
            return None
        shard = self._shard_of_twin()
        return super().send_head() if shard is None else self._send_bytes(shard)

    def _shard_of_twin(self) -> bytes | None:
        """The bytes of a shard that is there as a twin alone; None for what is asked for else."""
        place = Path(self.translate_path(self.path))
        beside = place.with_name(twin_path(place.name))
        if place.suffix != ".arrow" or place.exists() or not beside.is_file():
            return None
        path = place.relative_to(self.root).as_posix()
        return content_of(beside.read_bytes(), path, LARGEST)

    def _send_bytes(self, content: bytes) -> BinaryIO:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", MIME_TYPES[".arrow"])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return io.BytesIO(content)

    def _refusal(self) -> tuple[HTTPStatus, str | None] | None:
        """Status and word with which a request is refused; None for one that is answered."""
        hosts = self.headers.get_all("Host", ["localhost"])
        if len(hosts) > 1:
            return HTTPStatus.BAD_REQUEST, "A request names one host"
        if not _LOCAL_HOST.fullmatch(hosts[0]):
            return HTTPStatus.FORBIDDEN, "This server answers to localhost only"
        if "cross-site" in self.headers.get_all("Sec-Fetch-Site", []):
            return HTTPStatus.FORBIDDEN, "This server answers no page of another site"
        if not self._is_served():
            return HTTPStatus.NOT_FOUND, None
        return None

    def _is_served(self) -> bool:
        """Whether the request is for a file of the report, or a folder, links followed."""
        if not self.path.startswith(self.prefix):
            return False
        try:
            path = Path(self.translate_path(self.path)).resolve()
            # The server would open a folder's page by itself.
            paths = (path, *((path / name).resolve() for name in _PAGES if path.is_dir()))
            return all(self._is_open(path) for path in paths if path.exists())
        except (OSError, ValueError, RuntimeError):  # a name that no file can have; a loop of links
            return False

    def _is_open(self, path: Path) -> bool:
        """Whether a resolved path is a regular file or a folder of the report, and no twin."""
        inside = path.is_relative_to(self.root) and (path.is_file() or path.is_dir())
        return inside and not path.name.lower().endswith(_TWINS)

    def translate_path(self, path: str) -> str:
        return super().translate_path("/" + path.removeprefix(self.prefix))

    def list_directory(self, path: Any) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)

    def guess_type(self, path: Any) -> str:
        return MIME_TYPES.get(Path(path).suffix.lower(), "application/octet-stream")

    def end_headers(self) -> None:
        # Kept by the browser, but asked for again: a report may be rebuilt while it is open.
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        super().end_headers()

    def log_message(self, *args: Any) -> None:
        """Logs nothing: the terminal is the user's."""
