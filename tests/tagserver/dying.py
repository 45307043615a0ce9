"""Processes that are killed, as by SIGKILL from outside, each one durable step later than the one before."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tagserver.store import SqlStore

STORE: tuple[type, str] = (SqlStore, "write")
"""A transaction that writes: killed before it begins, everything since the former one is in doubt."""


def die_at(step: int, *, system: Sequence[str], methods: Sequence[tuple[type, str]]) -> None:
    """Have this process killed just before the given step, counted from 0: of what is asked of the system (functions
    of `os`), and of these methods.
    """
    left = [step]

    def counted(act: Callable[..., Any]) -> Callable[..., Any]:
        def do(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the original takes
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return act(*arguments, **named)

        return do

    places: list[tuple[Any, str]] = [*((os, name) for name in system), *methods]
    for owner, name in places:
        setattr(owner, name, counted(getattr(owner, name)))


def tell_how_many_die(live: Callable[[int], None], *, before: Callable[[int], None] = lambda _: None) -> None:
    """Run `live(step)` in a child of its own for each step until one lives; print how many were killed.

    `before(step)` runs here first.
    """
    step = 0
    while True:
        before(step)
        child = os.fork()
        if child == 0:
            live(step)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            break
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL, status
        step += 1
    sys.stdout.write(f"{step}\n")
