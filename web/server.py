"""Serving the app: uvicorn, ending the event streams first when it is told to stop."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI
from typing_extensions import override

_GRACE_S = 2


class WebServer(uvicorn.Server):
    """A server that does not wait for streams which never end by themselves."""

    def __init__(self, app: FastAPI, *, host: str, port: int) -> None:
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=_GRACE_S,
        )
        super().__init__(config)
        self._hub = app.state.hub

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then everything else."""
        self._hub.close()
        await super().shutdown(sockets)


def serve(app: FastAPI, *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT. Raises SystemExit when the address cannot be bound."""
    WebServer(app, host=host, port=port).run()
