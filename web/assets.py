"""The page's own style sheet, script and icon: read once, named by content, compressed once."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file in memory."""

    name: str
    media_type: str
    content: bytes
    compressed: bytes
    digest: str

    @property
    def url(self) -> str:
        """Its address, which changes with its content."""
        return f"/static/{self.name}?v={self.digest}"


def load_assets() -> Mapping[str, Asset]:
    """All files of web/static by name."""
    assets = {}
    for entry in files("web").joinpath("static").iterdir():
        suffix = entry.name[entry.name.rfind(".") :]
        if suffix in _TYPES:
            content = entry.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:12]
            compressed = gzip.compress(content, mtime=0)
            assets[entry.name] = Asset(entry.name, _TYPES[suffix], content, compressed, digest)
    return assets


def serve_asset(asset: Asset, request: Request) -> Response:
    """The file, or 304 if the visitor has it already."""
    named_by_content = request.query_params.get("v") == asset.digest
    headers = {
        "ETag": f'"{asset.digest}"',
        "Cache-Control": _FOREVER if named_by_content else _ASK_AGAIN,
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.compressed, media_type=asset.media_type, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)
