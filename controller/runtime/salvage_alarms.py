"""What came of a damaged store, as a reason for the list of alarms."""

from __future__ import annotations

from typing import Protocol

from controller.core.model import Reason
from controller.telemetry.salvage import Salvage


class SalvagingStore(Protocol):
    """What is needed of the store (controller.telemetry.store)."""

    @property
    def salvaged(self) -> Salvage | None:
        """The last damaged file that was salvaged, as long as it lies beside the store."""
        ...


def salvage_alarms(store: SalvagingStore) -> tuple[Reason, ...]:
    """Stands until somebody has taken the damaged file away."""
    found = store.salvaged
    if found is None:
        return ()
    told = found.params
    return (Reason("storage_salvaged", {name: told[name] for name in ("file", "saved", "holes")}),)
