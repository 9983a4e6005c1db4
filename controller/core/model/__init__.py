"""The words every part of Tawan shares: the site, what was read, what was decided and why.

Units are in the names. Power into a component is positive: load >= 0, PV <= 0, battery charging > 0,
genset <= 0. Missing is None. Everything here is immutable.
"""

from controller.core.model.ask import GENSET, Answer, Ask, Override
from controller.core.model.decision import (
    Decision,
    Event,
    FeederDecision,
    GridState,
    PlanStanding,
    Setpoint,
    Supply,
)
from controller.core.model.image import LOST, PlantState, ProcessImage, Reading
from controller.core.model.ledger import FeederLedger, Tally
from controller.core.model.memory import (
    ClassMemory,
    FeederMemory,
    GensetMemory,
    Memory,
    ModeMemory,
    OverloadMemory,
    PlanMemory,
    PvMemory,
    SocMemory,
    SupplyMemory,
)
from controller.core.model.plan import Corridor, Cut, Plan
from controller.core.model.reason import Alarm, Params, Reason
from controller.core.model.site import (
    Battery,
    ClassRules,
    Feeder,
    GensetSpec,
    GridBreaker,
    GridConnection,
    Outage,
    ProtectionLimits,
    PvInverter,
    SharingRules,
    Site,
    SwitchPoint,
)
from controller.core.model.words import BatteryRole, Health, PriorityClass, Role, Text

__all__ = [
    "GENSET",
    "LOST",
    "Alarm",
    "Answer",
    "Ask",
    "Battery",
    "BatteryRole",
    "ClassMemory",
    "ClassRules",
    "Corridor",
    "Cut",
    "Decision",
    "Event",
    "Feeder",
    "FeederDecision",
    "FeederLedger",
    "FeederMemory",
    "GensetMemory",
    "GensetSpec",
    "GridBreaker",
    "GridConnection",
    "GridState",
    "Health",
    "Memory",
    "ModeMemory",
    "Outage",
    "OverloadMemory",
    "Override",
    "Params",
    "Plan",
    "PlanMemory",
    "PlanStanding",
    "PlantState",
    "PriorityClass",
    "ProcessImage",
    "ProtectionLimits",
    "PvInverter",
    "PvMemory",
    "Reading",
    "Reason",
    "Role",
    "Setpoint",
    "SharingRules",
    "Site",
    "SocMemory",
    "Supply",
    "SupplyMemory",
    "SwitchPoint",
    "Tally",
    "Text",
]
