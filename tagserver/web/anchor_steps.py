"""Where the log that holds a batch is anchored, in plain sentences; each says what it proves and what it does not."""

from __future__ import annotations

from tagserver.ports.anchors import ON_CHAIN, Anchor, AnchorState, Observation
from tagserver.services.anchor_receipts import Place
from tagserver.services.anchoring import Anchoring
from tagserver.web.catalogue import gettext
from tagserver.web.sentences import minute, number
from tagserver.web.step import Outcome, Step


def anchor_steps(anchoring: Anchoring, size: int | None) -> tuple[Step, ...]:
    """One step for each place that holds the log's first `size` entries (None: not in it yet); one that says so where
    none does.

    They tell this server's records: whoever wants more asks the chain, by the link or with a node.
    """
    if size is None:
        return (_nowhere(is_logged=False),)
    anchors = tuple(anchor for anchor in anchoring.covering(size) if anchor.state in ON_CHAIN)
    outside = tuple(
        step for anchor in anchors if (step := _outside(anchor, anchoring.places.get(anchor.backend)))
    )
    inside = tuple(_journal(anchor) for anchor in anchors if anchor.backend == "journal")
    if outside:
        return (*outside, *inside)
    return (*inside, _nowhere(is_logged=True))


def _outside(anchor: Anchor, place: Place | None) -> Step | None:
    seen = anchor.observation
    if seen is None:
        return None
    if anchor.backend == "rfc3161":
        return Step(
            outcome=Outcome.HOLDS,
            text=gettext("Time-stamped by an independent authority"),
            note=gettext(
                "its signed token is of %(moment)s, by its own clock",
                moment=minute(seen.at or anchor.changed_at),
            ),
        )
    if place is None or seen.block is None:
        return None
    return _in_block(anchor, seen, place)


def _in_block(anchor: Anchor, seen: Observation, place: Place) -> Step:
    assert seen.block is not None
    chain = "VeChainThor" if anchor.backend == "vechain" else gettext("the blockchain")
    text = gettext(
        "Anchored in block %(block)s of %(chain)s (%(network)s)",
        block=number(seen.block.number),
        chain=chain,
        network=place.network,
    )
    if anchor.state is AnchorState.FINALIZED:
        note = gettext("since %(moment)s; the block is final", moment=minute(seen.block.at))
    else:
        note = gettext("since %(moment)s; included, not final yet", moment=minute(seen.block.at))
    return Step(
        outcome=Outcome.HOLDS if anchor.state is AnchorState.FINALIZED else Outcome.OPEN,
        text=text,
        note=note,
        link=place.link(seen.id, seen.block.number),
        link_text=gettext("look at it there"),
    )


def _journal(anchor: Anchor) -> Step:
    return Step(
        outcome=Outcome.OPEN,
        text=gettext("Noted in this site's own journal on %(moment)s", moment=minute(anchor.changed_at)),
        note=gettext("self-attested: it proves only that this site says so"),
    )


def _nowhere(*, is_logged: bool) -> Step:
    if is_logged:
        text = gettext("Not anchored: no chain or time-stamping authority holds the log's state")
        note = gettext("when the lot was issued rests on this site's word")
    else:
        text = gettext("Not anchored: attested by the producer and this site alone")
        note = gettext("no public log or chain holds this lot's root yet")
    return Step(outcome=Outcome.OPEN, text=text, note=note)
