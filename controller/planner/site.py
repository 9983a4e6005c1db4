"""From config.yaml's settings to what the models must know of the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.model import Site
from controller.settings import Config
from controller.site import site_from
from forecasting.load.priors import LoadPrior, class_prior
from forecasting.site import Place, PvArray, PvSite


@dataclass(frozen=True, slots=True)
class PlannedSite:
    """A site as the planner sees it."""

    core: Site
    pv: PvSite
    priors: Mapping[str, LoadPrior]
    """What is believed of each feeder before it was measured, by the feeder's id."""

    @property
    def place(self) -> Place:
        """Where the sun is looked up, and which calendar people live by."""
        return self.pv.place

    @property
    def pv_limit_w(self) -> float:
        """What the inverters of all arrays can give together [W]."""
        return sum(array.ac_w for array in self.core.pv)


def planned_site(config: Config) -> PlannedSite:
    """The site, from settings that were found good."""
    where, told = config.site, config.forecast
    place = Place(
        latitude_deg=where.latitude_deg,
        longitude_deg=where.longitude_deg,
        timezone=where.timezone,
        altitude_m=told.altitude_m,
        country=told.country,
        linke_turbidity=None if told.linke_turbidity is None else tuple(told.linke_turbidity),
    )
    arrays = tuple(
        PvArray(name, pv.dc_w, pv.ac_w, pv.tilt_deg, pv.azimuth_deg) for name, pv in config.pv.items()
    )
    priors = {
        name: class_prior(feeder.kind, feeder.households, feeder.rated_w)
        for name, feeder in config.feeders.items()
    }
    return PlannedSite(site_from(config), PvSite(place, arrays), priors)
