"""Device profiles: which there are, and from YAML files to `drivers.model.Profile`.

Every fault of a file is reported at once.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from importlib import resources
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from drivers.errors import ProfileError
from drivers.model import Profile
from drivers.profile_build import build
from drivers.profile_check import faults_of
from drivers.profile_schema import ProfileSchema

SUNSPEC = "sunspec"
"""The profile name of devices that describe themselves: walked by `drivers.sunspec`, no file."""

_SUFFIX = ".yaml"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_REMEDIES = {
    "extra_forbidden": "no such key; correct its spelling or remove it",
    "missing": "is missing; add it",
}


class ProfileLibrary:
    """The profiles that Tawan brings, and those of the site's own folder, which take precedence.

    A site's file is read when it is asked for, so one that is half written disturbs nobody else.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """folder: the site's own profiles; it need not exist."""
        self.folder = folder
        self._site = {} if folder is None or not folder.is_dir() else _files(folder)
        self._loaded: dict[str, Profile] = {}

    def names(self) -> tuple[str, ...]:
        """Every name that `profile:` in config.yaml may have, sorted; `sunspec` among them."""
        return tuple(sorted({*available_profiles(), *self._site}))

    def load(self, name: str) -> Profile:
        """The profile of this name. Raises ProfileError: unknown name, or every fault of its file."""
        path = self._site.get(name)
        if path is None:
            if name not in self.names():
                raise ProfileError(_unknown(name, self.names()))
            return load_profile(name)
        if name not in self._loaded:
            self._loaded[name] = read_profile(path)
        return self._loaded[name]

    def origin(self, name: str) -> Path | None:
        """The site's file that a profile comes from; None: it is Tawan's own."""
        return self._site.get(name)

    def overrides(self) -> tuple[str, ...]:
        """Which of the site's files take the place of Tawan's own, as sentences."""
        own = available_profiles()
        return tuple(f"{path} overrides Tawan's own" for name, path in self._site.items() if name in own)

    def stray(self) -> tuple[str, ...]:
        """Files of the site's folder that are not taken for profiles, with the remedy, as sentences."""
        if self.folder is None or not self.folder.is_dir():
            return ()
        return tuple(
            f"{path}: is not taken for a profile; {remedy}"
            for path in sorted(self.folder.iterdir())
            if (remedy := _naming_fault(path)) is not None
        )


def available_profiles() -> tuple[str, ...]:
    """The profiles that Tawan brings, sorted; `sunspec` among them."""
    files = (entry.name for entry in resources.files("drivers.profiles").iterdir())
    names = (name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX))
    return tuple(sorted({*names, SUNSPEC}))


@functools.cache
def load_profile(name: str) -> Profile:
    """One of Tawan's own profiles. Raises ProfileError: unknown name, or every fault of its file."""
    if name == SUNSPEC:
        raise ProfileError("sunspec has no profile file: the device is asked for it; use drivers.sunspec")
    if name not in available_profiles():
        raise ProfileError(_unknown(name, available_profiles()))
    file = f"{name}{_SUFFIX}"
    text = resources.files("drivers.profiles").joinpath(file).read_text(encoding="utf-8")
    return _named(parse_profile(text, file), name, file)


def _unknown(name: str, known: Sequence[str]) -> str:
    """What to say of a profile that there is not, with the nearest of those that there are."""
    near = [each for each in known if each.startswith(name)] or get_close_matches(name, known)
    if near:
        return f"there is no profile {name!r}; use one of {', '.join(near)} (`tawan profiles list`)"
    return (
        f"there is no profile {name!r}; `tawan profiles list` names all there are (a site's own stand in the "
        "folder profiles beside its config.yaml)"
    )


def read_profile(path: Path) -> Profile:
    """The profile in a file of its own. Raises ProfileError: every fault of it, or it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as err:
        raise ProfileError(f"{path}: cannot be read: {err.strerror}; check its name and rights") from err
    except UnicodeDecodeError as err:
        raise ProfileError(f"{path}: is not UTF-8 text; save it as UTF-8 from your editor") from err
    return _named(parse_profile(text, str(path)), path.name.removesuffix(_SUFFIX), str(path))


def parse_profile(text: str, file: str) -> Profile:
    """A profile from the text of its file, which `file` names in faults. Raises ProfileError."""
    try:
        data = YAML(typ="safe", pure=True).load(text)
    except YAMLError as err:
        message = f"{file}: not readable as YAML; correct it there: {err}"
        raise ProfileError(message) from err
    try:
        schema = ProfileSchema.model_validate(data)
    except ValidationError as err:
        raise _error(file, (_sentence(detail) for detail in err.errors())) from err
    faults = list(faults_of(schema))
    if faults:
        raise _error(file, faults)
    return build(schema)


def _error(file: str, faults: Iterator[str] | list[str]) -> ProfileError:
    return ProfileError("\n".join(f"{file}: {fault}" for fault in faults))


def _sentence(detail: ErrorDetails) -> str:
    where = ".".join(str(part) for part in detail["loc"]) or "the file"
    remedy = _REMEDIES.get(detail["type"])
    if remedy is None:
        remedy = f"{detail['input']!r} does not fit; {detail['msg'][0].lower()}{detail['msg'][1:]}"
    return f"{where}: {remedy}"


def _named(profile: Profile, name: str, file: str) -> Profile:
    if profile.model != name:
        raise ProfileError(f"{file}: model: is {profile.model!r}; write {name}, as the file is called")
    return profile


def _files(folder: Path) -> dict[str, Path]:
    """Profile name -> file."""
    good = (path for path in sorted(folder.iterdir()) if path.suffix == _SUFFIX)
    return {path.stem: path for path in good if _naming_fault(path) is None}


def _naming_fault(path: Path) -> str | None:
    """What to do about a file in the site's folder whose name keeps it from being a profile."""
    if path.name.startswith(".") or path.name.endswith("~"):
        return None  # left by editors
    if path.suffix == ".yml":
        return f"rename it to {path.stem}{_SUFFIX}"
    if path.suffix != _SUFFIX:
        return None
    if path.stem == SUNSPEC:
        return "sunspec devices describe themselves; give it another name"
    if not _NAME.fullmatch(path.stem):
        return "name it with a to z, 0 to 9 and -, as eastron-sdm630.yaml"
    return None
