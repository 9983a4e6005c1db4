"""What every command does first: read config.yaml, or say all that is wrong with it and exit with 78."""

from __future__ import annotations

import sys
from pathlib import Path

from controller.commands.profile_facts import LibraryFacts
from controller.config_file import EXIT_CONFIG, ConfigError, load_config
from controller.settings import Config
from drivers.errors import ProfileError
from drivers.profile import ProfileLibrary

PROFILES_FOLDER = "profiles"
"""Beside config.yaml: the site's own profiles."""


def profiles_of(config_path: Path) -> ProfileLibrary:
    """The profiles that a site may use: Tawan's and its own, which stand beside its config.yaml."""
    return ProfileLibrary(config_path.parent / PROFILES_FOLDER)


def load_or_explain(path: Path, *, with_profiles: bool = True) -> Config:
    """The valid configuration. Prints every fault and raises SystemExit(78) otherwise.

    with_profiles: also check what depends on the device profiles; the page needs none of it.
    """
    try:
        return load_config(path, LibraryFacts(profiles_of(path)) if with_profiles else None)
    except ConfigError as error:
        print(error, file=sys.stderr)
    except ProfileError as error:
        print(error, file=sys.stderr)
        _explain_the_rest(path)
    sys.exit(EXIT_CONFIG)


def _explain_the_rest(path: Path) -> None:
    """Print the faults of config.yaml itself, where a profile that it uses is faulty as well."""
    try:
        load_config(path)
    except ConfigError as error:
        print(error, file=sys.stderr)
