"""Cross-checks of what the devices say: wrong signs, swapped clamps, mixed-up units, frozen values.

A check only tells: no value is ever corrected. Each finding has a name, and its sentence a remedy.
"""

from controller.core.diagnosis.diagnostician import Diagnostician
from controller.core.diagnosis.finding import Facts, Finding, facts_of

__all__ = ["Diagnostician", "Facts", "Finding", "facts_of"]
