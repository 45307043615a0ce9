"""eth-account, with the interpreter's own limit of recursion kept.

A package that it brings raises the limit to 100,000, under which JSON that is nested deeply enough ends the process
instead of raising RecursionError; all tests of a worker share one process.
"""

import sys

_LIMIT = sys.getrecursionlimit()

from eth_account import Account  # noqa: E402 (between the two)

sys.setrecursionlimit(_LIMIT)

__all__ = ["Account"]
