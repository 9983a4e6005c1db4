"""`tawan web`."""

from __future__ import annotations

from pathlib import Path

from controller.commands.configuration import load_or_explain
from web.app import create_app
from web.open_data import OpenData
from web.server import serve as serve_app


def serve(config_path: Path, *, host: str | None, port: int | None) -> int:
    """Serve until stopped; returns the exit status."""
    config = load_or_explain(config_path, with_profiles=False)
    settings = config.open_data
    published = None if settings is None else OpenData(config.site, config.feeders, settings)
    app = create_app(config.storage.image, config.storage.telemetry, site=config.site, open_data=published)
    serve_app(app, host=host or config.web.host, port=port or config.web.port)
    return 0
