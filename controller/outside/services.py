"""Which services a site has: each is asked for by a section of config.yaml, and imports its library then.

`controller.settings.outside` names them for the controller: without one this process is not started.
"""

from __future__ import annotations

from controller.outside.notebook import Notebook
from controller.outside.process import Service, Setup


def services_of(_setup: Setup, _notebook: Notebook) -> list[Service]:
    """The services that config.yaml asks for. They share the notebook."""
    services: list[Service] = []
    return services
