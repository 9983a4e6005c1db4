"""What every command does first: read config.yaml, or say all that is wrong with it and exit with 78."""

from __future__ import annotations

import sys
from pathlib import Path

from controller.commands.profile_facts import profile_facts
from controller.config_file import EXIT_CONFIG, ConfigError, load_config
from controller.settings import Config


def load_or_explain(path: Path, *, with_profiles: bool = True) -> Config:
    """The valid configuration. Prints every fault and raises SystemExit(78) otherwise.

    with_profiles: also check what depends on the device profiles; the page needs none of it.
    """
    try:
        return load_config(path, profile_facts() if with_profiles else None)
    except ConfigError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_CONFIG)
