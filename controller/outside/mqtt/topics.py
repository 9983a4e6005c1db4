"""The names of topics, in one place. Pure. They are documented in docs/mqtt.md, and stay as they are."""

from __future__ import annotations

from dataclasses import dataclass

from controller.settings import Config
from controller.settings.mqtt import MqttSettings


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics of a site."""

    base: str
    """`<prefix>/<site id>`."""
    discovery_prefix: str
    site: str
    """The site's id."""

    @classmethod
    def of(cls, config: Config, mqtt: MqttSettings) -> Topics:
        """Those that a config asks for."""
        return cls(f"{mqtt.prefix}/{config.site.id}", mqtt.discovery_prefix, config.site.id)

    @property
    def availability(self) -> str:
        """`online` or `offline`, retained."""
        return f"{self.base}/availability"

    def state(self, part: str) -> str:
        """One value, retained; part: such as `feeder/clinic/power_w`."""
        return f"{self.base}/state/{part}"

    @property
    def command(self) -> str:
        """Orders in JSON."""
        return f"{self.base}/command"

    @property
    def result(self) -> str:
        """What becomes of orders."""
        return f"{self.base}/command/result"

    def set(self, part: str) -> str:
        """Orders of one word; part: such as `feeder/clinic`."""
        return f"{self.base}/set/{part}"

    @property
    def any_set(self) -> str:
        """Filter of all orders of one word."""
        return f"{self.base}/set/#"

    def set_part(self, topic: str) -> str | None:
        """The part of a topic that `set` made; None for another topic."""
        start = f"{self.base}/set/"
        return topic.removeprefix(start) if topic.startswith(start) else None

    @property
    def home_assistant(self) -> str:
        """Where Home Assistant says that it has started."""
        return f"{self.discovery_prefix}/status"

    def discovery(self, device: str) -> str:
        """What Home Assistant is told of a device, retained."""
        return f"{self.discovery_prefix}/device/{device}/config"
