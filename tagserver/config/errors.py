"""What is wrong with the configuration, by code and setting; never the value, which may be a secret."""

from __future__ import annotations

from enum import StrEnum


class ConfigCode(StrEnum):
    """What went wrong, in a word that programs may branch on."""

    SECRET_MISSING = "CONFIG_SECRET_MISSING"  # noqa: S105 - the name of an error
    SECRET_SHORT = "CONFIG_SECRET_SHORT"  # noqa: S105 - the name of an error
    SECRET_IN_FILE = "CONFIG_SECRET_IN_FILE"  # noqa: S105 - the name of an error
    SECRET_FILE = "CONFIG_SECRET_FILE"  # noqa: S105 - the name of an error
    GIVEN_TWICE = "CONFIG_GIVEN_TWICE"
    UNKNOWN = "CONFIG_UNKNOWN"
    INVALID = "CONFIG_INVALID"
    MISSING = "CONFIG_MISSING"
    FILE = "CONFIG_FILE"


class ConfigError(Exception):
    """A setting is missing or cannot be used. `setting` is its name in the settings file, "" for the file
    itself.
    """

    def __init__(self, code: ConfigCode, setting: str, problem: str) -> None:
        super().__init__(f"{setting}: {problem}" if setting else problem)
        self.code = code
        self.setting = setting
