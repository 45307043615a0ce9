"""Private keys at rest: one sealed JSON file a key, opened with a passphrase. docs/spec is not concerned;
see `seal`.
"""

from tagserver.keystore.directory import KeyDirectory
from tagserver.keystore.seal import DEFAULT_COST, ScryptCost

__all__ = ["DEFAULT_COST", "KeyDirectory", "ScryptCost"]
