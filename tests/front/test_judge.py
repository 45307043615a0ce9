"""The page's judgement and the scanner's own, on the same texts: vectors, and thousands that were changed a little."""

from __future__ import annotations

import json
import random
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanner import verify
from tagcore.trust import TrustBundle, parse_trust
from tests.front.test_modules import node

__all__ = ["node"]

HERE = Path(__file__).parent
VECTORS = json.loads((HERE.parent / "vectors" / "tag-v1.json").read_text(encoding="utf-8"))
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef%/?&=.-_ :"
CHANGED = 3_000


def texts() -> list[str]:
    """The vectors' texts, and copies with one to three characters replaced, dropped, doubled or swapped."""
    chance = random.Random("judge")
    whole = [tag[form] for tag in VECTORS["valid"] for form in ("digital_link", "compact")]
    whole += [row["text"] for row in VECTORS["readings"]]
    return whole + [changed(chance.choice(whole), chance) for _ in range(CHANGED)]


def changed(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text) or 1)
        text = chance.choice(
            (
                text[:at] + chance.choice(ALPHABET) + text[at + 1 :],
                text[:at] + text[at + 1 :],
                text[:at] + text[at : at + 1] * 2 + text[at + 1 :],
                text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
            )
        )
    return text


@pytest.mark.parametrize("when", ["now", "before the keys", "when the bundle is stale", "years later"])
def test_the_page_says_what_the_scanner_says(node: str, when: str) -> None:
    trust = parse_trust(VECTORS["trust"].encode(), bytes.fromhex(VECTORS["root_key"]))
    moment = moment_of(when, trust)
    asked = texts() if when == "now" else texts()[:-CHANGED]
    answers = judged(node, asked, moment)
    wanted = [verify(text, trust, now=moment).headline.code.value for text in asked]
    differing = [
        (text, ours, theirs)
        for text, ours, theirs in zip(asked, answers, wanted, strict=True)
        if ours != theirs
    ]
    assert differing == []
    assert len(set(wanted)) > 3


def moment_of(when: str, trust: TrustBundle) -> datetime:
    now = datetime.fromisoformat(VECTORS["now"]).astimezone(UTC)
    return {
        "now": now,
        "before the keys": min(key.not_before for issuer in trust.issuers for key in issuer.keys)
        - timedelta(seconds=1),
        "when the bundle is stale": trust.expires,
        "years later": now + timedelta(days=4_000),
    }[when]


def judged(node: str, asked: list[str], moment: datetime) -> list[str]:
    shared = {
        "trust": VECTORS["trust"],
        "root_key": VECTORS["root_key"],
        "now": moment.isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    lines = "".join(json.dumps({**shared, "text": text}) + "\n" for text in asked)
    done = subprocess.run(
        [node, str(HERE / "judge_lines.mjs")],
        input=lines,
        text=True,
        capture_output=True,
        check=True,
        timeout=170,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
