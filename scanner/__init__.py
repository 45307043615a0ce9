"""Reading tags and weighing what they say, without a web server and, unless asked, without a network.

As a library::

    from scanner import decode, load_image, load_trust, verify

    trust = load_trust("trust.json")
    for symbol in decode(load_image("photograph.jpg")):
        verdict = verify(symbol, trust, now=datetime.now(UTC))
        print(verdict.level.name, verdict.headline.code)

`decode` and `verify` name functions here, as they do modules: `from scanner.decode import STAGES` works too.
Asking a server is `scanner.online`, which is imported by those who want it only.
"""

from scanner.decode import decode
from scanner.images import load_image, parse_image
from scanner.symbol import Symbol
from scanner.trust import load_trust
from scanner.verify import verify

__all__ = ["Symbol", "decode", "load_image", "load_trust", "parse_image", "verify"]
