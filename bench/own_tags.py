"""Our own labels, photographed worse and worse: what general readers read of them, and what a pinned bundle adds.

Rendered, not photographed: symbols of both profiles, as the label writer sizes them for real stock, on boxes, foil,
bottles (radius 15 to 45 mm) and vials (6 to 11 mm). Each shot has one kind of wear (`bench.wear`: covered by 5 to
40 %, scratched, creased, misprinted), then blur, shake, low light, gloss, noise and JPEG, at five severities. Behind it
are the photographs without a code of QR_PHOTOS, or a plain table where there are none. A shot is read if the tag's own
text comes out; a label "with its number" may be recognised by its GTIN and serial, as a server does. The figures are
that one's, at the severities at which the best other reader reads nearest to a half and to a tenth. OWN_TAGS_SHOTS is
the number of shots of each surface, profile, wear and severity, OWN_TAGS_CANDIDATES that of the corrupted texts;
OWN_TAGS_MISSED names a file for a picture of what is missed even so.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product

import cv2
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.figure import Figure
from bench.qr_readers import Reader, peers, timed
from bench.scanner import PHOTOGRAPHS
from bench.wear import KINDS, foiled
from demo.photograph import Conditions, Picture, Pose, Shot, photograph
from scanner.decode import Expected, Knowledge, decode
from scanner.decode.matching import unpacked
from scanner.images import GrayImage, load_image, parse_image
from scanner.own_tags import knowledge_of
from tagcore.gs1 import parse_gtin
from tagcore.identity import Identity
from tagcore.keys import IssuerKey, KeyStatus
from tagcore.tag import Profile, Tag, format_url, signing_bytes
from tagcore.trust import Issuer, TrustBundle
from tagserver.labels.content import BatchText, LabelContent
from tagserver.labels.preparing import prepared
from tagserver.labels.presets import SHEETS
from tagserver.labels.redrawing import redrawn

SEVERITIES = (1, 2, 3, 4, 5)
STRENGTH = 0.5
"""Of what spoils a shot, for each step of severity."""

STOCK = {"box": "avery-l7159", "foil": "avery-l7159", "bottle": "avery-l7159", "vial": "avery-l4732"}
"""What is printed on for each surface."""

RADIUS_MM = {"bottle": (15.0, 45.0), "vial": (6.0, 11.0)}
CASCADE, BUNDLE, NUMBER = "our general cascade", "with the bundle", "with its number"
SHOTS = int(os.environ.get("OWN_TAGS_SHOTS", "1"))
MISSED = os.environ.get("OWN_TAGS_MISSED", "")
CANDIDATES = int(os.environ.get("OWN_TAGS_CANDIDATES", "1000000"))
NOW = datetime(2026, 6, 1, tzinfo=UTC)
GTIN, HOST, LOT = "09506000134352", "ID.EXAMPLE.COM", "L26-0914"
MODULE_PIXELS, QUIET_MODULES = 10, 4
_KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A signed tag, its symbol in its quiet zone as it is printed, and that one's width in millimetres."""

    text: str
    decoys: tuple[str, ...]
    label: NDArray[np.uint8]
    width_mm: float


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


def tag_texts(profile: Profile, chance: np.random.Generator) -> tuple[str, ...]:
    """A tag with a serial by chance, signed, and then with other signatures."""
    serial = "".join(chance.choice(list("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 13))
    identity = Identity.checked(gtin=GTIN, lot=LOT, serial=serial, expiry=None, slot=1)
    signatures = _KEY.sign(signing_bytes(identity)), *(chance.bytes(64) for _ in range(8))
    return tuple(format_url(Tag(identity=identity, signature=s), HOST, profile) for s in signatures)


def printed(profile: Profile, stock: str, chance: np.random.Generator) -> Printed:
    """A label of that stock, without the words beside its symbol."""
    text, *decoys = tag_texts(profile, chance)
    words = BatchText(product_name="Baijiu", gtin=GTIN, lot=LOT, expiry="", domain=HOST.lower())
    content = LabelContent(batch=words, serial="0123456789ABC", url=text)
    made = next(prepared([content], SHEETS[stock].label))
    light = np.where(np.pad(made.symbol.modules, QUIET_MODULES), 0, 255).astype(np.uint8)
    return Printed(
        text=text,
        decoys=tuple(decoys),
        label=np.kron(light, np.ones((MODULE_PIXELS, MODULE_PIXELS), np.uint8)),
        width_mm=len(light) * made.layout.symbol.module_mm,
    )


def expected(label: Printed) -> tuple[Expected, ...]:
    """As the server draws it for who types its number."""
    symbols = redrawn(label.text, label.decoys, name=label.text)
    return tuple(
        Expected(text=s.text, modules=unpacked(s.modules, s.side), secret=unpacked(s.secret, s.side))
        for s in symbols
    )


def backgrounds() -> tuple[Picture, ...]:
    """Photographs without a code; none where the data set is not at hand."""
    names = sorted((PHOTOGRAPHS / "no-code").rglob("*.png"))
    return tuple(np.ascontiguousarray(load_image(name)) for name in names)


def shot_of(surface: str, width_mm: float, strength: float, chance: np.random.Generator) -> Shot:
    """How the label is held and lit; blur and noise grow with `strength`, and so does the distance."""
    radius_mm = float(chance.uniform(*RADIUS_MM[surface])) if surface in RADIUS_MM else None
    pose = Pose(
        share=float(chance.uniform(0.34, 0.4)) - 0.035 * strength,
        yaw_degrees=float(chance.uniform(-6, 6) * strength),
        pitch_degrees=float(chance.uniform(-6, 6) * strength),
        roll_degrees=float(chance.uniform(-180, 180)),
        bottle_radius=radius_mm / width_mm if radius_mm else None,
    )
    conditions = Conditions(
        size=(1280, 960),
        exposure=float(chance.uniform(0.9, 1.1)) - 0.13 * strength,
        gloss=0.12 * strength if radius_mm else 0.0,
        defocus_pixels=0.45 * strength,
        motion_pixels=0.4 * strength,
        motion_degrees=float(chance.uniform(0, 180)),
        noise=0.006 * strength,
        jpeg_quality=round(95 - 8 * strength),
    )
    return Shot(pose=pose, conditions=conditions)


def _shots(severity: int, behind: tuple[Picture, ...]) -> Iterator[tuple[Printed, GrayImage]]:
    """Every label of that severity with the picture of it."""
    share = (severity - SEVERITIES[0]) / (SEVERITIES[-1] - SEVERITIES[0])
    for place in product(range(len(STOCK)), range(len(Profile)), range(len(KINDS)), range(SHOTS)):
        chance = np.random.default_rng([severity, *place])
        surface, profile, wear = (
            list(STOCK)[place[0]],
            list(Profile)[place[1]],
            list(KINDS.values())[place[2]],
        )
        label = printed(profile, STOCK[surface], chance)
        worn = wear(label.label, share, chance)
        worn = foiled(worn, share, chance) if surface == "foil" else worn
        shot = shot_of(surface, label.width_mm, severity * STRENGTH, chance)
        scene = behind[int(chance.integers(len(behind)))] if behind else None
        yield label, parse_image(photograph(worn, shot, seed=place[3], background=scene).jpeg)


def _ours(knowledge: Knowledge | None) -> Reader:
    return timed(lambda image: [(s.text, list(s.corners)) for s in decode(image, knowledge=knowledge)])


def _recall(others: dict[str, Reader], known: Knowledge) -> tuple[dict[int, Counter[str]], int]:
    """The reads by severity and reader, and the number of shots of each severity."""
    reads: dict[int, Counter[str]] = {severity: Counter() for severity in SEVERITIES}
    behind, missed = backgrounds(), list[GrayImage]()
    for severity in SEVERITIES:
        for label, image in _shots(severity, behind):
            before = reads[severity].total()
            numbered = replace(known, expected=expected(label))
            ours = {CASCADE: _ours(None), BUNDLE: _ours(known), NUMBER: _ours(numbered)}
            for name, read in (others | ours).items():
                found, _ = read(image)
                reads[severity][name] += label.text in {text for text, _ in found}
            if reads[severity].total() == before:
                missed.append(image)
            reads[severity][""] += 1
    if MISSED:
        cv2.imwrite(MISSED, _contact_sheet(missed))
    return reads, reads[SEVERITIES[0]][""]


def _contact_sheet(images: list[GrayImage]) -> GrayImage:
    """The middles of pictures side by side, in rows of six."""
    cells = [
        cv2.resize(image[180:780, 340:940], (200, 200), interpolation=cv2.INTER_AREA) for image in images
    ]
    cells += [np.full((200, 200), 255, np.uint8)] * (-len(cells) % 6)
    return np.vstack([np.hstack(cells[at : at + 6]) for at in range(0, len(cells), 6)])


def false_accepts(known: Knowledge) -> int:
    """How many of `CANDIDATES` texts, a true tag's with one to three characters replaced, are vouched for."""
    chance = np.random.default_rng(11)
    texts = [tag_texts(profile, chance)[0] for profile in Profile for _ in range(50)]
    accepted = 0
    for number in range(CANDIDATES):
        text = list(texts[number % len(texts)])
        for place in chance.integers(len(HOST) + 9, len(text), chance.integers(1, 4)):
            text[place] = "0123456789"[int(chance.integers(10))]
        changed = "".join(text)
        accepted += changed not in texts and known.is_ours(changed)
    return accepted


def _where_best_peer(
    reads: dict[int, Counter[str]], shots: int, others: Iterable[str], wanted: float
) -> tuple[float, str]:
    """Our recall in percent, by all that a server can do, where the best peer's is nearest to `wanted`; and others'."""
    others = tuple(others)
    best = {severity: max(reads[severity][peer] for peer in others) / shots for severity in SEVERITIES}
    severity = min(SEVERITIES, key=lambda at: abs(best[at] - wanted))
    percent = {name: 100 * count / shots for name, count in reads[severity].items()}
    beside = ", ".join(f"{name} {percent[name]:.0f} %" for name in (*others, CASCADE, BUNDLE))
    return percent[NUMBER], f"severity {severity}, {shots} shots: {beside}"


def figures() -> Iterator[Figure]:
    """Show recall by severity, and give it where the best other reader reads a half and a tenth."""
    console, known = Console(highlight=False), knowledge_of(trust(), NOW)
    with peers(console.print) as others:
        reads, shots = _recall(others, known)
        names = (*others, CASCADE, BUNDLE, NUMBER)
    table = Table("severity", *names)
    for severity in SEVERITIES:
        table.add_row(str(severity), *(f"{100 * reads[severity][name] / shots:.0f} %" for name in names))
    console.print(table)
    value, against = _where_best_peer(reads, shots, others, 0.5)
    yield Figure(figure="own_tags_where_best_peer_half", value=value, unit="%", against=against)
    value, against = _where_best_peer(reads, shots, others, 0.1)
    yield Figure(figure="own_tags_where_best_peer_tenth", value=value, unit="%", against=against)
    yield Figure(
        figure="own_tags_false_accepts",
        value=false_accepts(known),
        unit="texts",
        against=f"of {CANDIDATES} corrupted ones",
    )
