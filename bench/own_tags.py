"""Our own labels, photographed worse and worse: what general readers read of them, and what a pinned bundle adds.

Rendered, not photographed: symbols of both profiles on boxes, bottles (radius 15 to 45 mm) and vials (6 to 11 mm),
printed 24 mm wide, or 12 mm on vials; scratched, creased and partly covered, then seen through a lens out of focus, in
low light, with gloss, noise and JPEG, at five severities. The background is a plain table. A shot is read if the tag's
own text comes out. The figures are taken at the severities at which the best general reader reads nearest to a half and
to a tenth. OWN_TAGS_SHOTS is the number of shots of each surface, profile and severity, OWN_TAGS_CANDIDATES that of the
corrupted texts.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TypeAlias

import cv2
import numpy as np
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.figure import Figure
from demo.photograph import Conditions, Pose, Shot, photograph
from scanner.decode import Knowledge, decode
from scanner.images import GrayImage, parse_image
from scanner.own_tags import knowledge_of
from tagcore.gs1 import parse_gtin
from tagcore.identity import Identity
from tagcore.keys import IssuerKey, KeyStatus
from tagcore.tag import Profile, Tag, format_url, signing_bytes
from tagcore.trust import Issuer, TrustBundle
from tagserver.labels.qr import encode

SEVERITIES = (1, 2, 3, 4, 5)
STRENGTH = 0.5
"""Of what spoils a shot, for each step of severity."""

SURFACES = ("box", "bottle", "vial")
PEERS, CASCADE, BUNDLE = ("zxing-cpp", "OpenCV, ArUco's detector"), "our general cascade", "with the bundle"
SHOTS = int(os.environ.get("OWN_TAGS_SHOTS", "2"))
CANDIDATES = int(os.environ.get("OWN_TAGS_CANDIDATES", "1000000"))
NOW = datetime(2026, 6, 1, tzinfo=UTC)
GTIN, HOST = "09506000134352", "ID.EXAMPLE.COM"
MODULE_PIXELS, QUIET_MODULES = 10, 4
_KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)

Reader: TypeAlias = Callable[[GrayImage], set[str]]


def trust() -> TrustBundle:
    """A bundle with the one producer whose tags are photographed."""
    key = IssuerKey(
        slot=1,
        public_key=_KEY.public_key().public_bytes_raw(),
        not_before=NOW - timedelta(days=9),
        not_after=NOW + timedelta(days=900),
        status=KeyStatus.ACTIVE,
    )
    issuer = Issuer(name="Example", gtins=(parse_gtin(GTIN),), hosts=(HOST,), keys=(key,))
    return TrustBundle(
        version=1, issued=NOW, expires=NOW + timedelta(days=90), root_key=key.public_key, issuers=(issuer,)
    )


def tag_text(profile: Profile, chance: np.random.Generator) -> str:
    """A signed tag with a serial by chance."""
    serial = "".join(chance.choice(list("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 13))
    identity = Identity.checked(gtin=GTIN, lot="L26-0914", serial=serial, expiry=None, slot=1)
    return format_url(Tag(identity=identity, signature=_KEY.sign(signing_bytes(identity))), HOST, profile)


def label_of(text: str) -> NDArray[np.uint8]:
    """The symbol in its quiet zone, as it is printed."""
    light = np.where(np.pad(encode(text).modules, QUIET_MODULES), 0, 255).astype(np.uint8)
    return np.kron(light, np.ones((MODULE_PIXELS, MODULE_PIXELS), np.uint8))


def worn(label: NDArray[np.uint8], strength: float, chance: np.random.Generator) -> NDArray[np.uint8]:
    """The label with scratches, creases that took the ink, and a cover over 2 to 7 % of it."""
    out, side = label.copy(), len(label)
    for _ in range(round(2 * strength)):
        begin, end = chance.integers(0, side, 2), chance.integers(0, side, 2)
        grey = int(chance.choice([30, 235]))
        cv2.line(out, begin.tolist(), end.tolist(), grey, int(chance.integers(2, 3 + round(2 * strength))))
    across = round(side * (0.01 + 0.022 * strength) ** 0.5)
    left, top = chance.integers(side // 5, side - across, 2)
    out[top : top + across, left : left + across] = int(chance.integers(90, 200))
    return out


def shot_of(surface: str, strength: float, chance: np.random.Generator) -> Shot:
    """How the label is held and lit; blur and noise grow with `strength`, and so does the distance."""
    share = float(chance.uniform(0.34, 0.4)) - 0.035 * strength
    radius_mm, width_mm = {"box": (0.0, 24.0), "bottle": (chance.uniform(15, 45), 24.0)}.get(
        surface, (chance.uniform(6, 11), 12.0)
    )
    pose = Pose(
        share=share,
        yaw_degrees=float(chance.uniform(-6, 6) * strength),
        pitch_degrees=float(chance.uniform(-6, 6) * strength),
        roll_degrees=float(chance.uniform(-180, 180)),
        bottle_radius=float(radius_mm / width_mm) if radius_mm else None,
    )
    conditions = Conditions(
        size=(1280, 960),
        exposure=float(chance.uniform(0.9, 1.1)) - 0.13 * strength,
        gloss=0.12 * strength if surface != "box" else 0.0,
        defocus_pixels=0.45 * strength,
        motion_pixels=0.4 * strength,
        motion_degrees=float(chance.uniform(0, 180)),
        noise=0.006 * strength,
        jpeg_quality=round(95 - 8 * strength),
    )
    return Shot(pose=pose, conditions=conditions)


def _zxing(image: GrayImage) -> set[str]:
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    return {barcode.text for barcode in zxingcpp.read_barcodes(image, formats=formats)}


def _opencv(image: GrayImage) -> set[str]:
    try:
        _, payloads, _, _ = cv2.QRCodeDetectorAruco().detectAndDecodeBytesMulti(image)
    except cv2.error:
        return set()
    return {bytes(payload).decode(errors="replace") for payload in payloads}


def _readers(known: Knowledge) -> dict[str, Reader]:
    return {
        PEERS[0]: _zxing,
        PEERS[1]: _opencv,
        CASCADE: lambda image: {symbol.text for symbol in decode(image)},
        BUNDLE: lambda image: {symbol.text for symbol in decode(image, knowledge=known)},
    }


def _recall(readers: dict[str, Reader]) -> tuple[dict[int, Counter[str]], int]:
    """The reads by severity and reader, and the number of shots of each severity."""
    reads: dict[int, Counter[str]] = {severity: Counter() for severity in SEVERITIES}
    for severity, surface, profile, number in product(SEVERITIES, SURFACES, Profile, range(SHOTS)):
        chance = np.random.default_rng(
            [severity, SURFACES.index(surface), list(Profile).index(profile), number]
        )
        text = tag_text(profile, chance)
        label = worn(label_of(text), severity * STRENGTH, chance)
        shot = shot_of(surface, severity * STRENGTH, chance)
        image = parse_image(photograph(label, shot, seed=number).jpeg)
        for name, read in readers.items():
            reads[severity][name] += text in read(image)
    return reads, SHOTS * len(SURFACES) * len(Profile)


def false_accepts(known: Knowledge) -> int:
    """How many of `CANDIDATES` texts, a true tag's with one to three characters replaced, are vouched for."""
    chance = np.random.default_rng(11)
    texts = [tag_text(profile, chance) for profile in Profile for _ in range(50)]
    accepted = 0
    for number in range(CANDIDATES):
        text = list(texts[number % len(texts)])
        for place in chance.integers(len(HOST) + 9, len(text), chance.integers(1, 4)):
            text[place] = "0123456789"[int(chance.integers(10))]
        changed = "".join(text)
        accepted += changed not in texts and known.is_ours(changed)
    return accepted


def _where_best_peer(reads: dict[int, Counter[str]], shots: int, wanted: float) -> tuple[float, str]:
    """Our recall in percent at the severity where the best peer's is nearest to `wanted`, and the others' there."""
    best = {severity: max(reads[severity][peer] for peer in PEERS) / shots for severity in SEVERITIES}
    severity = min(SEVERITIES, key=lambda at: abs(best[at] - wanted))
    percent = {name: 100 * count / shots for name, count in reads[severity].items()}
    others = ", ".join(f"{name} {percent[name]:.0f} %" for name in (*PEERS, CASCADE))
    return percent[BUNDLE], f"severity {severity}, {shots} shots: {others}"


def figures() -> Iterator[Figure]:
    """Show recall by severity, and give it where the best general reader reads a half and a tenth."""
    console, known = Console(highlight=False), knowledge_of(trust(), NOW)
    readers = _readers(known)
    reads, shots = _recall(readers)
    table = Table("severity", *readers)
    for severity in SEVERITIES:
        table.add_row(str(severity), *(f"{100 * reads[severity][name] / shots:.0f} %" for name in readers))
    console.print(table)
    value, against = _where_best_peer(reads, shots, 0.5)
    yield Figure(figure="own_tags_where_best_peer_half", value=value, unit="%", against=against)
    value, against = _where_best_peer(reads, shots, 0.1)
    yield Figure(figure="own_tags_where_best_peer_tenth", value=value, unit="%", against=against)
    yield Figure(
        figure="own_tags_false_accepts",
        value=false_accepts(known),
        unit="texts",
        against=f"of {CANDIDATES} corrupted ones",
    )
