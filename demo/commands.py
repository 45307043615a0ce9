"""The demonstration's commands: each is a real one, shown before it runs."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

OUT = Console(highlight=False, soft_wrap=True)

PROJECT = Path(__file__).resolve().parent.parent


class DemoError(Exception):
    """A step of the demonstration did not do what it has to."""


def say(heading: str) -> None:
    """Show what comes next."""
    OUT.print(f"\n[bold]{heading}[/bold]")


def run(command: Sequence[str], environ: Mapping[str, str], *, expect: int = 0) -> str:
    """Run one of the project's commands and show it with its output, which is returned.

    Raises: DemoError when the exit status is another than `expect`.
    """
    OUT.print(f"[dim]$ {shlex.join(command)}[/dim]", markup=True)
    done = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        env={**os.environ, **environ},
        cwd=PROJECT,
        text=True,
        capture_output=True,
        check=False,
    )
    OUT.out(done.stdout.rstrip() or done.stderr.rstrip(), highlight=False)
    if done.returncode != expect:
        raise DemoError(f"exit status {done.returncode}, want {expect}: {done.stderr.strip()}")
    return done.stdout


def check(what: str, holds: bool) -> None:
    """Show a check that holds. Raises: DemoError when it does not."""
    if not holds:
        raise DemoError(f"not so: {what}")
    OUT.print(f"[green]✓[/green] {what}")
