"""How index.html and the manifest prove each other.

The manifest has the SHA-256 of every file, and index.html that of the manifest. As neither can hold
what follows from itself, the hash of index.html is that of the page with zeros where the manifest's
stands.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

BLANK: Final = "0" * 64
"""What stands in a page that names no manifest yet."""

# Texts in a page have their quotes and brackets escaped, so that none can look like this.
_SEAL: Final = re.compile(rb'(<script src="assets/boot\.js" data-manifest=")([0-9a-f]{64})"')


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def seal_of(page: bytes) -> str | None:
    """The SHA-256 that index.html says its manifest has; None where it says none, or several."""
    seals = _SEAL.findall(page)
    return seals[0][1].decode() if len(seals) == 1 else None


def with_seal(page: bytes, digest: str) -> bytes:
    """index.html with this SHA-256 as that of its manifest."""
    return _SEAL.sub(rb"\g<1>" + digest.encode() + b'"', page)


def page_digest(page: bytes) -> str:
    """The SHA-256 of index.html whichever manifest it names."""
    return sha256(with_seal(page, BLANK))
