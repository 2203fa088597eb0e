"""How answers travel: headers that protect, caching of what is fingerprinted, brotli once per file."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import brotli
from flask import Flask, Response, request

COMPRESSED_PREFIXES = ("/assets/", "/_dash-component-suites/")
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml", "application/octet-stream")
SMALLEST_WORTH_IT = 1400  # bytes; below, one network packet carries it anyway
YEAR, MONTH = 31_536_000, 2_592_000


class CompressedFiles:
    """Brotli bodies by path and query; the least recently used goes first when there are too many."""

    def __init__(self, most: int = 200):
        self._most, self._bodies, self._lock = most, OrderedDict[str, bytes](), Lock()

    def __len__(self) -> int:
        return len(self._bodies)

    def body(self, key: str, plain: bytes) -> bytes:
        """The compressed body of `plain`, which the key must identify."""
        with self._lock:
            if key in self._bodies:
                self._bodies.move_to_end(key)
                return self._bodies[key]
        compressed = brotli.compress(plain, quality=9)
        with self._lock:
            self._bodies[key] = compressed
            while len(self._bodies) > self._most:
                self._bodies.popitem(last=False)
        return compressed


def content_security_policy(script_hashes: Sequence[str]) -> str:
    """Everything from here; of inline scripts only Dash's own, by hash. Plotly needs inline styles."""
    scripts = " ".join(["'self'", *script_hashes])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


def install_delivery(server: Flask, script_hashes: Sequence[str], is_behind_https: bool) -> None:
    """Headers, caching and compression on every answer of `server`."""
    files = CompressedFiles()
    headers = protecting_headers(script_hashes, is_behind_https)

    @server.after_request
    def deliver(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        set_caching(response)
        return compress(response, files)


def protecting_headers(script_hashes: Sequence[str], is_behind_https: bool) -> dict[str, str]:
    headers = {
        "Content-Security-Policy": content_security_policy(script_hashes),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return headers | ({"Strict-Transport-Security": f"max-age={YEAR}"} if is_behind_https else {})


def set_caching(response: Response) -> None:
    """Files with a fingerprint stay in the browser for a year; pages and answers never stay."""
    if request.path.startswith(COMPRESSED_PREFIXES):
        if request.query_string and response.status_code == 200:  # ?m=<time of change>
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        elif request.path.startswith("/assets/vendor/"):  # the font, which the style sheet names without fingerprint
            response.headers["Cache-Control"] = f"public, max-age={MONTH}"
        return
    response.headers.setdefault("Cache-Control", "no-store")


def compress(response: Response, files: CompressedFiles) -> Response:
    """Brotli where the browser takes it: kept in memory for files, quick for answers."""
    if not is_compressible(response):
        return response
    is_file = request.path.startswith(COMPRESSED_PREFIXES)
    response.direct_passthrough = False
    plain = response.get_data()
    if len(plain) < SMALLEST_WORTH_IT:
        return response
    key = f"{request.path}?{request.query_string.decode('latin-1')}"
    response.set_data(files.body(key, plain) if is_file else brotli.compress(plain, quality=4))
    response.headers["Content-Encoding"] = "br"
    response.headers.add("Vary", "Accept-Encoding")
    if not response.headers.get("ETag", "").startswith("W/"):
        response.headers.pop("ETag", None)  # a strong one belongs to the bytes before compression
    return response


def is_compressible(response: Response) -> bool:
    return (
        response.status_code == 200
        and request.method in ("GET", "POST")
        and "Content-Encoding" not in response.headers
        and "br" in request.headers.get("Accept-Encoding", "")
        and (response.mimetype or "").startswith(COMPRESSIBLE)
    )
