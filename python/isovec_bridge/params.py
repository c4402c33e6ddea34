"""Parameters of a request, checked one by one; every refusal names the parameter, never its text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .errors import BridgeError, invalid_input


class Params:
    """Reads the members of `params`. A name that the method does not know is refused: it would be a setting lost."""

    def __init__(self, method: str, values: dict[str, Any], known: Iterable[str]) -> None:
        self._method = method
        # null stands for an absent value.
        self._values = {name: value for name, value in values.items() if value is not None}
        allowed = sorted(known)
        unknown = sorted(set(values) - set(allowed))
        if unknown:
            raise invalid_input(f"{method} takes {', '.join(allowed) or 'no parameters'}, not {unknown[0]!a}.")

    def has(self, name: str) -> bool:
        return name in self._values

    def raw(self, name: str) -> object:
        return self._values.get(name)

    def string(self, name: str) -> str:
        value = self.optional_string(name)
        if value is None:
            raise self._wrong(name, "a string")
        return value

    def optional_string(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._wrong(name, "a string")
        if not is_unicode(value):
            raise invalid_input(f"{self._method}: {name} holds a lone surrogate, which is no character.")
        return value

    def boolean(self, name: str, default: bool) -> bool:
        value = self._values.get(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def optional_whole(self, name: str, least: int) -> int | None:
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 2**31:
            raise self._wrong(name, f"a whole number of at least {least}")
        return value

    def texts(self) -> list[str]:
        values = self._values.get("texts")
        if not isinstance(values, list):
            raise self._wrong("texts", "an array of strings")
        for index, text in enumerate(values):
            if not isinstance(text, str):
                raise invalid_input(f"Text {index} is not a string.", index=index)
            if not is_unicode(text):
                raise invalid_input(f"Text {index} holds a lone surrogate, which is no character.", index=index)
        return values

    def _wrong(self, name: str, expected: str) -> BridgeError:
        return invalid_input(f"{self._method}: {name} must be {expected}.", parameter=name)


def is_unicode(text: str) -> bool:
    """Whether a string can be written as UTF-8; JSON escapes can name halves of surrogate pairs."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
