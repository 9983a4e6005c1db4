"""Passwords and tokens: config.yaml says where they are, never what they are.

A file that others may read is refused: config.yaml is shown, copied and sent for help, secrets are not.
"""

from __future__ import annotations

import os
import stat

from controller.settings.secret import SecretSettings


class SecretError(Exception):
    """A secret cannot be had; the text says why and what to do."""


def read_secret(reference: SecretSettings) -> str:
    """The secret that a reference leads to, without white space around it. Raises SecretError."""
    if reference.env is not None:
        value = os.environ.get(reference.env, "").strip()
        if not value:
            msg = f"the environment variable {reference.env} is not set, or empty"
            raise SecretError(msg)
        return value
    path = reference.file
    assert path is not None  # noqa: S101 - one of the two is given
    try:
        mode = path.stat().st_mode
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise SecretError(msg) from error
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        msg = f"{path} can be read by anybody: chmod 640 {path}"
        raise SecretError(msg)
    if not value:
        msg = f"{path} is empty"
        raise SecretError(msg)
    return value
