"""Finding out what hangs on a wire, by asking only: nothing in here can write."""

from drivers.discovery.findings import Candidate, Confidence, Found, Survey
from drivers.discovery.host import HostScan, scan_hosts
from drivers.discovery.line import LineScan, scan_line
from drivers.discovery.suspects import Suspects

__all__ = [
    "Candidate",
    "Confidence",
    "Found",
    "HostScan",
    "LineScan",
    "Survey",
    "Suspects",
    "scan_hosts",
    "scan_line",
]
