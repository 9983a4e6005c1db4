"""Cross checks of the devices: profiles, roles, and who uses which."""

from __future__ import annotations

from collections.abc import Iterator

from controller.config.draft import Draft
from controller.config.faults import Fault, Keys
from controller.config.hints import instead
from controller.core.model import Role

_WITH_PANELS = (Role.PV_INVERTER, Role.HYBRID_INVERTER, Role.SOLAR_CHARGER)


def profile_known(draft: Draft) -> Iterator[Fault]:
    """Every device's profile exists and is for its role."""
    if draft.profiles is None:
        return
    for device in draft.names("devices"):
        profile, role, facts = (
            draft.text("devices", device, "profile"),
            draft.role(device),
            draft.facts(device),
        )
        if profile is not None and facts is None:
            fitting = sorted(name for name, known in draft.profiles.items() if role in known.roles)
            message = f"there is no such profile{instead(profile, fitting or draft.profiles)}"
            yield draft.fault(("devices", device, "profile"), message)
        if facts is not None and role is not None and role not in facts.roles:
            fits = " or ".join(sorted(facts.roles))
            message = f"the profile {profile} is for the role {fits}: correct the role or the profile"
            yield draft.fault(("devices", device, "role"), message)


def unit_names_complete(draft: Draft) -> Iterator[Fault]:
    """`units` gives the names that the profile asks for, and no others."""
    for device in draft.names("devices"):
        facts = draft.facts(device)
        if facts is None:
            continue
        keys = ("devices", device, "units")
        given, needed = draft.names(*keys), sorted(facts.unit_names)
        profile = draft.text("devices", device, "profile")
        missing = [name for name in needed if name not in given]
        if missing and draft.sound(*keys):
            found = f"units {', '.join(given)}" if given else "no units"
            message = f"the profile {profile} also needs the unit ids of {', '.join(missing)}"
            example = ", ".join(f"{name}: …" for name in needed)
            yield draft.fault(keys, f"{message}: write units: {{{example}}}", found)
        for name in given:
            if name not in facts.unit_names:
                message = f"the profile {profile} has no unit of this name{instead(name, needed)}"
                yield draft.fault((*keys, name), message, f"the name {name}")


def references_fit(draft: Draft) -> Iterator[Fault]:
    """Where a device is named, it exists and has the role that belongs there."""
    devices = draft.names("devices")
    for keys, roles in _references(draft):
        device = draft.text(*keys)
        if device is None or not devices:
            continue
        fitting, wanted = draft.devices_of(*roles), " or ".join(roles)
        if device not in devices:
            message = f"there is no such {wanted} under devices{instead(device, fitting)}"
            yield draft.fault(keys, message)
        elif draft.role(device) not in (None, *roles):
            message = f"this device has the role {draft.role(device)}, here belongs one of the role {wanted}"
            yield draft.fault(keys, f"{message}: {', '.join(fitting) or 'add one under devices'}")


def _references(draft: Draft) -> Iterator[tuple[Keys, tuple[Role, ...]]]:
    """Every place that names a device, with the roles that it may have."""
    yield ("battery", "device"), (Role.BATTERY_INVERTER, Role.HYBRID_INVERTER)
    yield ("battery", "bms"), (Role.BATTERY,)
    yield ("genset", "device"), (Role.GENSET,)
    yield ("irradiance_sensor",), (Role.IRRADIANCE_SENSOR,)
    yield ("grid", "device"), (Role.BATTERY_INVERTER, Role.HYBRID_INVERTER, Role.METER)
    yield ("grid", "breaker", "switch", "device"), (Role.SWITCH,)
    yield ("grid", "breaker", "sync_check", "device"), (Role.SWITCH, Role.METER, Role.GENSET)
    yield ("alarms", "lamp", "device"), (Role.SWITCH,)
    for feeder in draft.names("feeders"):
        yield ("feeders", feeder, "meter"), (Role.METER,)
        yield ("feeders", feeder, "switch", "device"), (Role.SWITCH,)
    for household in draft.names("accounts", "households"):
        yield ("accounts", "households", household, "meter"), (Role.METER,)


def pv_has_inverter(draft: Draft) -> Iterator[Fault]:
    """The keys of pv are devices with panels, and every one that has nothing else has its array there."""
    inverters, devices = draft.devices_of(*_WITH_PANELS), draft.names("devices")
    arrays = draft.names("pv")
    for array in arrays:
        if devices and array not in devices:
            message = "pv entries bear the id of their inverter, and devices has no such one"
            yield draft.fault(("pv", array), message + instead(array, inverters), f"the name {array}")
        elif draft.role(array) not in (None, *_WITH_PANELS):
            message = (
                f"this device has the role {draft.role(array)}: pv entries bear the id of a pv_inverter, "
                "hybrid_inverter or solar_charger"
            )
            yield draft.fault(("pv", array), message, f"the name {array}")
    if set(arrays) <= set(devices):  # else the misspelt entry is probably the missing one
        for inverter in draft.devices_of(Role.PV_INVERTER, Role.SOLAR_CHARGER):
            if inverter not in arrays and draft.sound("pv"):
                message = f"its array is missing: add `{inverter}:` with name, ac_w … under pv"
                what = "PV inverter" if draft.role(inverter) == Role.PV_INVERTER else "solar charger"
                yield draft.fault(("devices", inverter), message, f"the {what} {inverter}")


def one_battery_inverter(draft: Draft) -> Iterator[Fault]:
    """One device stands for all grid-forming inverters."""
    first, *more = draft.devices_of(Role.BATTERY_INVERTER) or ("",)
    for device in more:
        message = (
            f"{first} is the battery inverter already: one device stands for all grid-forming inverters "
            "together; remove this one or correct its role"
        )
        yield draft.fault(("devices", device, "role"), message, f"a second one, {device}")


def device_used(draft: Draft) -> Iterator[Fault]:
    """Every device serves something; checked once all places that name devices are sound."""
    users = ["battery", "genset", "irradiance_sensor", "feeders", "devices"]
    users += [section for section in ("grid", "accounts") if section in draft.names()]
    if not all(draft.sound(user) for user in users) or not draft.names("feeders"):
        return
    if any(True for _ in references_fit(draft)):
        return  # somewhere another device is named: this one was probably meant
    named = {draft.text(*keys) for keys, _ in _references(draft)}
    named |= set(draft.names("pv"))
    several = (Role.PV_INVERTER, Role.SOLAR_CHARGER, Role.BATTERY_INVERTER)  # these have rules of their own
    for device in draft.names("devices"):
        role = draft.role(device)
        if device not in named and role not in several:
            message = f"nothing uses it: name it where a {role} belongs{_home(role)}, or remove it"
            yield draft.fault(("devices", device), message, f"the device {device}")


def _home(role: str | None) -> str:
    homes = {
        "hybrid_inverter": " (`device:` of the section battery, or as a key of pv)",
        "battery": " (`bms:` of the section battery)",
        "meter": " (`meter:` of a feeder or a household of accounts, or `device:` of the section grid)",
        "switch": " (`switch:` of a feeder)",
        "genset": " (`device:` of the section genset)",
        "irradiance_sensor": " (`irradiance_sensor:` at the top level)",
    }
    return homes.get(role or "", "")


def channel_fits(draft: Draft) -> Iterator[Fault]:
    """Every feeder has a relay channel of its own, and the board has that channel."""
    owner: dict[tuple[str, float], str] = {}
    for feeder in draft.names("feeders"):
        keys = ("feeders", feeder, "switch", "channel")
        board, channel = draft.text("feeders", feeder, "switch", "device"), draft.number(*keys)
        if board is None or channel is None:
            continue
        facts = draft.facts(board)
        count = None if facts is None else facts.channels
        if count is not None and channel > count:
            profile = draft.text("devices", board, "profile")
            yield draft.fault(keys, f"allowed are channels 1 to {count} of the board {board} ({profile})")
        other = owner.setdefault((board, channel), feeder)
        if other != feeder:
            message = f"the feeder {other} is on channel {channel:g} of {board} already{_free(draft, board)}"
            yield draft.fault(keys, message)


def _free(draft: Draft, board: str) -> str:
    """The channels that are left, where the board's size is known."""
    facts = draft.facts(board)
    if facts is None or facts.channels is None:
        return ": choose another"
    feeders = [("feeders", feeder, "switch") for feeder in draft.names("feeders")]
    taken = {draft.number(*keys, "channel") for keys in feeders if draft.text(*keys, "device") == board}
    free = [str(channel) for channel in range(1, facts.channels + 1) if channel not in taken]
    return f": free are {', '.join(free)}" if free else ": the board has none left"


def meter_of_one_feeder(draft: Draft) -> Iterator[Fault]:
    """No meter is counted twice."""
    owner: dict[str, str] = {}
    for feeder in draft.names("feeders"):
        meter = draft.text("feeders", feeder, "meter")
        if meter is None:
            continue
        other = owner.setdefault(meter, feeder)
        if other != feeder:
            message = f"the feeder {other} has this meter already: a meter measures one feeder"
            yield draft.fault(("feeders", feeder, "meter"), message)


def something_there(draft: Draft) -> Iterator[Fault]:
    """There is somebody to give power to, and something to give it with."""
    for section in ("buses", "devices", "feeders"):
        if draft.sound(section) and not draft.names(section):
            yield draft.fault((section,), "at least one is needed", f"no {section}")


RULES = (
    profile_known,
    unit_names_complete,
    references_fit,
    pv_has_inverter,
    one_battery_inverter,
    device_used,
    channel_fits,
    meter_of_one_feeder,
    something_there,
)
