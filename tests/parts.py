"""Parts of the machine that some tests need: a database server, Node, a folder of photographs.

A test that lacks one skips and says how to get it; under REQUIRE_ALL=1, as in continuous integration, it
fails instead, so that nothing is left untested in silence.
"""

import os

import pytest


def require_part(present: bool, what: str, install: str) -> None:
    """Go on if `present`; otherwise skip the running test, or fail it under REQUIRE_ALL=1.

    `what` names the part for people ("a PostgreSQL server"); `install` is the command that brings it.
    """
    if present:
        return
    reason = f"needs {what}; to get it: {install}"
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
