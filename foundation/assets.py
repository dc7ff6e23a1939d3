"""What pages are drawn with: style, fonts and emblem, held in memory and served under an address that names their
content.

The address changes with the content, so a browser may keep a file for a year and never shows an old style on a new
page.
"""

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).resolve().parent / "static"
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file: its bytes, media type and the digest in its address."""

    content: bytes
    kind: str
    digest: str


class Assets:
    """All files by name; read once at start."""

    def __init__(self, emblem: Path | None = None) -> None:
        files = [path for path in sorted(FOLDER.rglob("*")) if path.is_file()]
        self._files = {path.relative_to(FOLDER).as_posix(): read_asset(path) for path in files}
        self._files["emblem"] = read_asset(emblem) if emblem else self._files["emblem.svg"]
        self._files |= {name: self.name_fonts(asset) for name, asset in self._files.items() if asset.kind == "text/css"}

    def address(self, name: str) -> str:
        """The path a page names the file by."""
        return f"/static/{name}?v={self._files[name].digest}"

    def name_fonts(self, style: Asset) -> Asset:
        """The style with its `url(fonts/…)` written as addresses that name their content, the same ones pages preload."""
        text = re.sub(r"url\((fonts/[\w.-]+)\)", lambda found: f"url({self.address(found[1])})", style.content.decode())
        return build_asset(text.encode(), style.kind)

    async def serve(self, request: Request) -> Response:
        """Answer `GET /static/{name}`: the file, 304 when the reader has it, or 404."""
        asset = self._files.get(request.path_params["name"])
        if asset is None:
            return Response("", 404)
        headers = {
            "ETag": f'"{asset.digest}"',
            "Cache-Control": FOREVER if request.query_params.get("v") == asset.digest else "public, max-age=300",
            "Access-Control-Allow-Origin": "*",
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response("", 304, headers)
        return Response(asset.content, 200, headers, media_type=asset.kind)


def read_asset(path: Path) -> Asset:
    """A file with its media type and digest."""
    content = path.read_bytes()
    kind = {".woff2": "font/woff2", ".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}.get(
        path.suffix, mimetypes.guess_type(path.name)[0] or "text/plain"
    )
    return build_asset(content, kind)


def build_asset(content: bytes, kind: str) -> Asset:
    """Content with the digest that stands in its address."""
    return Asset(content, kind, hashlib.sha256(content).hexdigest()[:16])
