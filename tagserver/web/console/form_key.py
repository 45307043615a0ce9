"""Forms that do something once: each has a key of its own, so a double click or a reload repeats nothing."""

from __future__ import annotations

import re

from tagserver.web.console.draft import Draft
from tagserver.web.surroundings import here

KEY_FIELD = "once"

_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)


def new_form_key() -> str:
    """For a form that is shown anew: 128 random bits in hex."""
    return here().random_bytes(16).hex()


def idempotency_key_of(draft: Draft) -> str:
    """The key of a form that was sent; a new one for a form without, which then is not protected."""
    sent = draft.text(KEY_FIELD)
    return f"console-{sent if _KEY.fullmatch(sent) else new_form_key()}"
