"""The command `tagserver`: one file a group of commands."""

from tagserver.cli.main import main

__all__ = ["main"]
