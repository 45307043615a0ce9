"""How large the QR symbol of a tag is, beside a plain Digital Link with the same signature.

Versions are sizes: version v has 17 + 4 v modules on a side. The plain form is what others print: a lower-case
Digital Link with the signature in base64url, which byte mode must carry. It too gets the optimal segments.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from itertools import product

from rich.console import Console
from rich.table import Table

from bench.figure import Figure
from tagcore.gs1 import parse_expiry
from tagcore.identity import Identity
from tagcore.tag import SIGNATURE_BYTES, Profile, Tag, format_url
from tagserver.labels.segments import Level, smallest_version

HOSTS = ("id.acme.cn24", "id.example-maker.com", "verify.example-maker-group.com")
"""Of 12, 20 and 30 characters."""

LEVELS = (Level.M, Level.Q)

TAG = Tag(
    identity=Identity.checked(
        gtin="09506000134352", lot="L26-0914", serial="4T7QMZ9C1R5KD", expiry=parse_expiry("271231"), slot=1
    ),
    signature=b"\xff" * SIGNATURE_BYTES,
)
"""The signature with the most digits."""


def plain_url(host: str) -> str:
    """The tag as a Digital Link in lower case, its signature in base64url without padding (86 characters)."""
    path = format_url(TAG, host, Profile.DIGITAL_LINK).split("/", 3)[3].partition("s=")[0]
    return f"https://{host}/{path}s={urlsafe_b64encode(TAG.signature).decode().rstrip('=')}"


def texts(host: str) -> dict[str, str]:
    """The three forms of the tag under a host."""
    return {
        "digital-link": format_url(TAG, host, Profile.DIGITAL_LINK),
        "compact": format_url(TAG, host, Profile.COMPACT),
        "plain": plain_url(host),
    }


def versions() -> dict[tuple[str, Level, int], int]:
    """The version by form, level and length of host."""
    return {
        (form, level, len(host)): smallest_version(text, level)
        for level, host in product(LEVELS, HOSTS)
        for form, text in texts(host).items()
    }


def figures() -> Iterator[Figure]:
    """Show the table of versions, and give the two that must hold."""
    found = versions()
    Console(highlight=False).print(_table(found))
    for form in ("digital-link", "compact"):
        yield Figure(
            figure=f"qr_version_{form.replace('-', '_')}_host30",
            value=found[form, Level.M, 30],
            unit="version",
            against=f"plain Digital Link: version {found['plain', Level.M, 30]}",
        )


def _table(found: dict[tuple[str, Level, int], int]) -> Table:
    table = Table("form", *(f"{len(host)} {level}" for level, host in product(LEVELS, HOSTS)))
    for form in texts(HOSTS[0]):
        cells = (str(found[form, level, len(host)]) for level, host in product(LEVELS, HOSTS))
        table.add_row(form, *cells)
    return table
