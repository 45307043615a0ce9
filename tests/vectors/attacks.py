"""Texts that are no valid tag, and bundles that are not to be believed; each changes one thing."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tagcore import compact
from tagcore.canonical import canonical_json
from tagcore.gs1 import CSET82, parse_expiry
from tagcore.tag import Profile, Tag, format_url, signing_bytes
from tagcore.trust import SIGNING_CONTEXT, format_trust
from tests.vectors.cast import BOTTLE, BUNDLE, CASES, ROOT, Case, TestKey, key_of

ORDER = 2**252 + 27742317777372353535851937790883648493  # of Ed25519's group: RFC 8032, 5.1

Misread = tuple[str, str, str, str | None]
"""(name of the attack, text, outcome of the reading, tagcore's error or None)."""

CASE = CASES[0]
LINK = CASE.url(Profile.DIGITAL_LINK)
SHORT = CASE.url(Profile.COMPACT)
NUMBER = int(SHORT.rpartition("/")[2])
HEAD, _, S = LINK.partition("s=")
PLAIN = "HTTPS://ID.EXAMPLE.COM"


def misread() -> Iterator[Misread]:
    """Every text with what it has to be taken for."""
    yield from _accepted()
    yield from _foreign()
    yield from _bent_links()
    yield from _bent_gs1()
    yield from _bent_numbers()
    yield from _later_formats()
    yield from _wrong_signatures()
    yield from _wrong_keys()


def _accepted() -> Iterator[Misread]:
    for profile, url in (("digital-link", LINK), ("compact", SHORT)):
        lower = url.replace("HTTPS://ID.EXAMPLE.COM", "https://id.example.com")
        yield f"{profile}: scheme and host in lower case, as browsers hand on", lower, "VALID", None
        yield f"{profile}: white space of a paste around it", f"\t {url}\r\n", "VALID", None


def _foreign() -> Iterator[Misread]:
    path = LINK.removeprefix(PLAIN)
    for name, text in (
        ("empty text", ""),
        ("plain text", "9506000134352"),
        ("GS1 element string", "(01)09506000134352(10)LOT1(21)4T7QMZ9C1R5KD"),
        ("another web address", "https://www.example.net/"),
        ("host that nobody lists", "HTTPS://ID.EXAMPLE.NET" + path),
        ("look-alike host", "HTTPS://ID.EXAMP1E.COM" + path),
        ("our host as another's subdomain", "HTTPS://ID.EXAMPLE.COM.EXAMPLE.NET" + path),
        ("our host as user name", "HTTPS://ID.EXAMPLE.COM@EXAMPLE.NET" + path),
        ("our host with another port", "HTTPS://ID.EXAMPLE.COM:8443" + path),
        ("our host with the port that is default", "HTTPS://ID.EXAMPLE.COM:443" + path),
        ("our host with a final dot", "HTTPS://ID.EXAMPLE.COM." + path),
        ("host of another issuer", "HTTPS://T.EXAMPLE.ORG:8443" + path),
        ("scheme without encryption", "HTTP" + LINK.removeprefix("HTTPS")),
        ("scheme in mixed case", "HtTpS" + LINK.removeprefix("HTTPS")),
        ("host in mixed case", "HTTPS://Id.Example.Com" + path),
        ("scheme in upper, host in lower case", "HTTPS://id.example.com" + path),
        ("host without path", PLAIN),
        ("host with Unicode digits", "HTTPS://ID.EXAMPLE\uff0eCOM" + path),
        ("zero-width space in front", "\u200b" + LINK),
        ("longer than any tag", LINK + "0" * 600),
    ):
        yield name, text, "FOREIGN_CODE", None


def _bent_links() -> Iterator[Misread]:
    for name, text in (
        ("path of a slash only", PLAIN + "/"),
        ("GTIN only", PLAIN + "/01/" + BOTTLE),
        ("no signature", HEAD.removesuffix("&")),
        ("empty signature", HEAD + "s="),
        ("trailing slash", HEAD.replace("?", "/?") + "s=" + S),
        ("slash at the very end", LINK + "/"),
        ("double slash", LINK.replace("/01/", "//01/")),
        ("fragment", LINK + "#"),
        ("newline inside", LINK.replace("?", "\n?")),
        ("newline before the query's end", HEAD + "s=\n" + S),
        ("NUL at the end", LINK + "\0"),
        ("duplicate signature", f"{LINK}&s={S}"),
        ("duplicate expiry", LINK.replace("?17=271231", "?17=271231&17=271231")),
        ("query in another order", HEAD.split("?")[0] + f"?s={S}&17=271231"),
        ("unknown query key", LINK + "&utm_source=x"),
        ("unknown numeric query key", LINK.replace("?", "?99=1&")),
        ("lot in the query", LINK.replace("/10/LOT1", "").replace("?", "?10=LOT1&")),
        ("serial in the query", LINK.replace("/21/4T7QMZ9C1R5KD", "").replace("?", "?21=4T7QMZ9C1R5KD&")),
        ("serial before lot", LINK.replace("/10/LOT1/21/4T7QMZ9C1R5KD", "/21/4T7QMZ9C1R5KD/10/LOT1")),
        ("duplicate lot", LINK.replace("/10/LOT1", "/10/LOT1/10/LOT1")),
        ("variant in the path", LINK.replace("/10/", "/22/V/10/")),
        ("empty lot", LINK.replace("/10/LOT1", "/10/")),
        ("empty serial", LINK.replace("4T7QMZ9C1R5KD", "")),
        ("needless percent-encoding", LINK.replace("LOT1", "LOT%31")),
        ("percent-encoding in lower case", CASES[11].url(Profile.DIGITAL_LINK).replace("%2F", "%2f")),
        ("percent-encoding cut short", LINK.replace("LOT1", "LOT%2")),
        ("percent sign alone", LINK.replace("LOT1", "LOT%")),
        ("plus sign not encoded", LINK.replace("LOT1", "L+T1")),
        ("slash not encoded", LINK.replace("LOT1", "L/T1")),
        ("path name in words", LINK.replace("/01/", "/gtin/")),
        ("leading zero of the signature number", HEAD + "s=0" + S),
        ("plus in front of the signature number", HEAD + "s=+" + S),
        ("signature number in Unicode digits", HEAD + "s=" + S.replace("1", "\u0661")),
        ("signature number with underscores", HEAD + "s=" + S[:3] + "_" + S[3:]),
        ("signature number in hex", HEAD + f"s={int(S):x}"),
        ("signature number cut short", HEAD + "s=" + S[:-1]),
    ):
        yield name, text, "MALFORMED", "TAG_SYNTAX"


def _bent_gs1() -> Iterator[Misread]:
    for name, text, error in (
        ("check digit wrong", LINK.replace(BOTTLE, BOTTLE[:-1] + "3"), "GTIN_INVALID"),
        ("GTIN of 13 digits", LINK.replace(BOTTLE, BOTTLE[1:]), "TAG_SYNTAX"),
        ("GTIN of 15 digits", LINK.replace(BOTTLE, "0" + BOTTLE), "TAG_SYNTAX"),
        ("GTIN in Unicode digits", LINK.replace("/01/0", "/01/\uff10"), "TAG_SYNTAX"),
        ("lot of 21 characters", LINK.replace("LOT1", "L" * 21), "GS1_SYNTAX"),
        ("serial of 21 characters", LINK.replace("4T7QMZ9C1R5KD", "S" * 21), "GS1_SYNTAX"),
        ("NUL in the lot", LINK.replace("LOT1", "LOT%00"), "GS1_SYNTAX"),
        ("space in the lot", LINK.replace("LOT1", "LOT%201"), "GS1_SYNTAX"),
        ("character outside set 82", LINK.replace("LOT1", "LOT%40"), "GS1_SYNTAX"),
        ("byte outside ASCII", LINK.replace("LOT1", "LOT%C3"), "GS1_SYNTAX"),
        ("lot that is a dot segment", LINK.replace("LOT1", ".."), "GS1_SYNTAX"),
        ("serial that is a dot segment", LINK.replace("4T7QMZ9C1R5KD", "."), "GS1_SYNTAX"),
        ("month 13", LINK.replace("271231", "271301"), "GS1_SYNTAX"),
        ("month 0", LINK.replace("271231", "270000"), "GS1_SYNTAX"),
        ("31 April", LINK.replace("271231", "270431"), "GS1_SYNTAX"),
        ("29 February of a common year", LINK.replace("271231", "270229"), "GS1_SYNTAX"),
        ("expiry of eight digits", LINK.replace("271231", "20271231"), "TAG_SYNTAX"),
        ("empty expiry", LINK.replace("271231", ""), "TAG_SYNTAX"),
    ):
        yield name, text, "MALFORMED", error


def _bent_numbers() -> Iterator[Misread]:
    low = compact.encode(CASE.tag.identity, b"\0" * 64) % 2**522
    body = (NUMBER >> 522) % 10**13
    frame = low + (body << 522)  # signature, slot, format and GTIN; what follows is added below

    def number(expiry: int, rest: int) -> str:
        return f"{PLAIN}/{frame + ((expiry + rest * 38401) * 10**13 << 522)}"

    radix = sum(82**length for length in range(21))
    limit = sum(39**length for length in range(21))
    generated = _bijective("4T7QMZ9C1R5KD")
    for name, text, error in (
        ("compact: leading zero", SHORT.replace(".COM/", ".COM/0"), "TAG_SYNTAX"),
        ("compact: minus sign", SHORT.replace(".COM/", ".COM/-"), "TAG_SYNTAX"),
        ("compact: trailing slash", SHORT + "/", "TAG_SYNTAX"),
        ("compact: query", SHORT + "?", "TAG_SYNTAX"),
        ("compact: Unicode digits", SHORT.replace("1", "\u0661"), "TAG_SYNTAX"),
        ("compact: space between digits", SHORT[:-5] + " " + SHORT[-5:], "TAG_SYNTAX"),
        ("compact: number too short", PLAIN + "/" + "1" * 156, "TAG_SYNTAX"),
        ("compact: number too long", PLAIN + "/" + "1" * 253, "TAG_SYNTAX"),
        ("compact: expiry of month 0 is none, of day 32 the next", number(1 + 1 * 32 + 31, 0), "GS1_SYNTAX"),
        ("compact: empty serial", number(0, 1), "GS1_SYNTAX"),
        ("compact: serial that is a dot segment", number(0, 1 + 2 * _bijective(".")), "GS1_SYNTAX"),
        (
            "compact: lot that is a dot segment",
            number(0, 2 * 2**64 * (2 * _bijective(".", LOT))),
            "GS1_SYNTAX",
        ),
        ("compact: generated serial written as a supplied one", number(0, 1 + 2 * generated), "TAG_SYNTAX"),
        (
            "compact: lot of the small alphabet written over set 82",
            number(0, 2 * 2**64 * (2 * _bijective("LOT1") + 1)),
            "TAG_SYNTAX",
        ),
        ("compact: lot of 21 characters", number(0, 2 * 2**64 * (2 * limit)), "TAG_SYNTAX"),
        (
            "compact: lot of 21 characters of set 82",
            number(0, 2 * 2**64 * (2 * radix + 1)),
            "TAG_SYNTAX",
        ),
    ):
        yield name, text, "MALFORMED", error


LOT = compact.LOT_ALPHABET


def _bijective(text: str, alphabet: str = CSET82) -> int:
    value = 0
    for character in text:
        value = value * len(alphabet) + alphabet.index(character) + 1
    return value


def _later_formats() -> Iterator[Misread]:
    one = 1 << 520
    for tag_format, outcome, error in (
        (0, "MALFORMED", "TAG_SYNTAX"),
        (2, "CANNOT_CHECK", "TAG_FORMAT_UNSUPPORTED"),
        (3, "CANNOT_CHECK", "TAG_FORMAT_UNSUPPORTED"),
    ):
        shift = (tag_format - 1) * one
        yield f"format {tag_format}: digital-link", f"{HEAD}s={int(S) + shift}", outcome, error
        yield f"format {tag_format}: compact", f"{PLAIN}/{NUMBER + shift}", outcome, error
    yield "format 4: digital-link", f"{HEAD}s={int(S) + 3 * one}", "MALFORMED", "TAG_SYNTAX"


def _url(tag: Tag, profile: Profile = Profile.DIGITAL_LINK) -> str:
    return format_url(tag, CASE.host, profile)


def _wrong_signatures() -> Iterator[Misread]:
    tag = CASE.tag
    identity, signature = tag.identity, tag.signature
    unreduced = int.from_bytes(signature[32:], "little") + ORDER
    other_context = key_of("distillery", 0).sign(b"origintag/tag/v2\n" + signing_bytes(identity)[17:])
    for name, bent in (
        (
            "one bit of the signature flipped",
            replace(tag, signature=signature[:-1] + bytes([signature[-1] ^ 1])),
        ),
        (
            "first bit of the signature flipped",
            replace(tag, signature=bytes([signature[0] ^ 128]) + signature[1:]),
        ),
        ("S not reduced", replace(tag, signature=signature[:32] + unreduced.to_bytes(32, "little"))),
        ("signature of zeros", replace(tag, signature=b"\0" * 64)),
        ("signature over another context", replace(tag, signature=other_context)),
        ("other lot", replace(tag, identity=replace(identity, lot="LOT2"))),
        ("lot left out", replace(tag, identity=replace(identity, lot=""))),
        ("other serial", replace(tag, identity=replace(identity, serial="4T7QMZ9C1R5KE"))),
        ("later expiry", replace(tag, identity=replace(identity, expiry=parse_expiry("281231")))),
        ("expiry left out", replace(tag, identity=replace(identity, expiry=None))),
        ("lot and serial cut elsewhere", _shifted(tag)),
        ("other slot", replace(tag, identity=replace(identity, slot=255))),
        ("signed with the key of another issuer", _signed(CASE, key_of("clinic", 0))),
        ("signed with the root key", _signed(CASE, ROOT)),
    ):
        yield name, _url(bent), "SIGNATURE_INVALID", None
        yield f"compact: {name}", _url(bent, Profile.COMPACT), "SIGNATURE_INVALID", None
    doubled = CASES[11].url(Profile.DIGITAL_LINK).replace("%2F", "%252F")
    yield "percent-encoding doubled, which is another lot", doubled, "SIGNATURE_INVALID", None


def _shifted(tag: Tag) -> Tag:
    """Lot LOT1 and serial 4T7... become LOT14 and T7...: joined, they read the same."""
    identity = tag.identity
    return replace(
        tag, identity=replace(identity, lot=identity.lot + identity.serial[0], serial=identity.serial[1:])
    )


def _signed(case: Case, key: TestKey) -> Tag:
    return replace(case.tag, signature=key.sign(signing_bytes(case.tag.identity)))


def _wrong_keys() -> Iterator[Misread]:
    for name, case, outcome in (
        ("revoked key", replace(CASE, slot=9), "KEY_REVOKED"),
        ("key whose window has not begun", replace(CASE, slot=11), "KEY_UNKNOWN"),
        ("slot without a key", replace(CASE, slot=1), "KEY_UNKNOWN"),
        ("GTIN that nobody owns", replace(CASE, gtin="09999999999994"), "KEY_UNKNOWN"),
        ("GTIN-8 that nobody owns", replace(CASE, gtin="00000095060002"), "KEY_UNKNOWN"),
    ):
        yield name, case.url(Profile.DIGITAL_LINK), outcome, None
        yield f"compact: {name}", case.url(Profile.COMPACT), outcome, None
    forged = _url(replace(CASE.tag, identity=replace(CASE.tag.identity, slot=9)))
    yield "revoked key, signature wrong too", forged, "SIGNATURE_INVALID", None


def _resigned(change: str, signed: dict[str, Any]) -> tuple[str, str]:
    signature = ROOT.sign(SIGNING_CONTEXT + canonical_json(signed))
    document = {"signed": signed, "signature": {"key": ROOT_NAME, "ed25519": signature.hex()}}
    return change, json.dumps(document, ensure_ascii=False)


GOOD = format_trust(BUNDLE, ROOT).decode()
ROOT_NAME = json.loads(GOOD)["signature"]["key"]


def _signed_part() -> dict[str, Any]:
    part: dict[str, Any] = json.loads(GOOD)["signed"]
    return part


def mistrusted() -> Iterator[tuple[str, str]]:
    """Bundles that no verifier may believe: damaged ones, then ones that the root really signed."""
    yield "empty file", ""
    yield "no JSON", "trust me"
    yield "not an object", "[]"
    yield "one character of a name changed", GOOD.replace("Example Distillery", "Example Distillerz")
    yield "signature left out", json.dumps({"signed": _signed_part()})
    yield "signature by another key", GOOD.replace(_hex_signature(), key_of("clinic", 0).sign(b"x").hex())
    yield "signature in upper case", GOOD.replace(_hex_signature(), _hex_signature().upper())
    yield "fingerprint of another key", GOOD.replace(ROOT_NAME, "0" * 16)
    yield "a member twice", GOOD.replace('"version":3', '"version":3,"version":3')
    yield "a fraction", GOOD.replace('"version":3', '"version":3.0')
    yield "a member more outside the signature", GOOD.replace('{"signature"', '{"more":1,"signature"', 1)
    other = key_of("clinic", 0)
    yield (
        "signed by a root of its own, not by the pinned one",
        format_trust(replace(BUNDLE, root_key=other.public_key), other).decode(),
    )
    yield from _signed_badly()


def _hex_signature() -> str:
    value: str = json.loads(GOOD)["signature"]["ed25519"]
    return value


def _signed_badly() -> Iterator[tuple[str, str]]:
    for change, path, value in (
        ("another type", ("type",), "origintag-log"),
        ("a later specification", ("spec",), 2),
        ("true for one", ("spec",), True),
        ("a member that this specification lacks", ("until",), "2027"),
        ("version 0", ("version",), 0),
        ("expires when it is issued", ("expires",), "2026-06-01T00:00:00Z"),
        ("a day that does not exist", ("expires",), "2026-11-31T00:00:00Z"),
        ("a time in another zone", ("expires",), "2026-12-01T00:00:00+01:00"),
        ("another root than it is signed by", ("root_key",), key_of("clinic", 0).public_key.hex()),
        ("a public key of 31 bytes", ("issuers", 0, "keys", 0, "public_key"), "00" * 31),
        ("a public key in upper case", ("issuers", 0, "keys", 0, "public_key"), "AB" * 32),
        ("slot 256", ("issuers", 0, "keys", 0, "slot"), 256),
        ("two keys in one slot", ("issuers", 0, "keys", 0, "slot"), 7),
        ("a key that ends before it begins", ("issuers", 0, "keys", 0, "not_after"), "2025-01-01T00:00:00Z"),
        ("an unknown status", ("issuers", 0, "keys", 0, "status"), "resting"),
        ("revoked without a date", ("issuers", 0, "keys", 0, "status"), "revoked"),
        (
            "a date of revocation without revocation",
            ("issuers", 0, "keys", 0, "revoked_at"),
            "2026-01-02T00:00:00Z",
        ),
        ("a host in lower case", ("issuers", 0, "hosts", 0), "id.example.com"),
        ("a host with a path", ("issuers", 0, "hosts", 0), "ID.EXAMPLE.COM/X"),
        ("a prefix of 3 digits", ("issuers", 0, "prefixes", 0), "950"),
        ("a prefix of 13 digits", ("issuers", 0, "prefixes", 0), "9506000134352"),
        ("a GTIN whose check digit is wrong", ("issuers", 1, "gtins", 0), "04012345678902"),
        ("a GTIN inside another's prefix", ("issuers", 1, "gtins", 0), BOTTLE),
        ("a prefix inside another's prefix", ("issuers", 1, "prefixes"), ["95060001"]),
        ("a prefix around another's prefix", ("issuers", 1, "prefixes"), ["95060"]),
        ("a prefix of two owners", ("issuers", 1, "prefixes"), ["9506000"]),
    ):
        part = _signed_part()
        _put(part, path, value)
        yield _resigned(change, part)


def _put(part: Any, path: tuple[str | int, ...], value: object) -> None:  # noqa: ANN401 (JSON)
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
