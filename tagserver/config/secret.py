"""A secret string that shows itself only when asked to."""

from __future__ import annotations

from typing import NoReturn

from tagserver.config.errors import ConfigCode, ConfigError


class Secret:
    """A secret setting. Its repr and str are `***`, it cannot be pickled; `reveal` is the one way to the
    text.

    One that was not given is a Secret too: `reveal` then says which setting to give.
    """

    __slots__ = ("_name", "_text")

    def __init__(self, name: str, text: str | None = None) -> None:
        self._name = name
        self._text = text

    @property
    def is_given(self) -> bool:
        """Whether there is anything to reveal."""
        return self._text is not None

    def reveal(self) -> str:
        """The text. Raises ConfigError when it was not given."""
        if self._text is None:
            variable = variable_name(self._name)
            problem = (
                f"is not set; give it in the environment as {variable}, or a file's name as {variable}_FILE"
            )
            raise ConfigError(ConfigCode.SECRET_MISSING, self._name, problem)
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied")


def variable_name(setting: str) -> str:
    """The environment variable of a setting."""
    return f"ORIGINTAG_{setting.upper()}"
