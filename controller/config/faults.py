"""What is wrong with a config file: one fault per place, all of them in one error."""

from __future__ import annotations

from dataclasses import dataclass

EXIT_CONFIG = 78
"""Exit status for a bad configuration (EX_CONFIG of sysexits.h)."""

Keys = tuple[str, ...]
"""A place in the file as the keys that lead to it; list items count from 0."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to put right."""

    file: str
    path: str
    """YAML path such as `feeders.clinic.switch.channel`; empty for the file as a whole."""
    line: int | None
    """Counted from 1."""
    found: str | None
    """What stands there, as written; None where nothing could be read at all."""
    message: str
    """What is allowed, and the remedy."""

    def block(self) -> str:
        """Two lines: where, then what was found and what to do."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        where = f"{place}  {self.path}" if self.path else place
        found = "" if self.found is None else f"found {self.found}; "
        return f"{where}\n    {found}{self.message}"


class ConfigError(Exception):
    """The configuration cannot be used; `faults` holds everything that is wrong with it, in file order."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(fault.block() for fault in faults))
