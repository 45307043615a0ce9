"""The chain of what was checked about a tag, in plain sentences: nothing that was not checked is in it."""

from __future__ import annotations

from tagcore.errors import ProofError
from tagcore.evidence import Ours, Proven, Signature
from tagcore.keys import IssuerKey, fingerprint
from tagcore.merkle import leaf_hash, verify_inclusion
from tagcore.reading import check_signature
from tagcore.tag import Tag, leaf_bytes
from tagserver.ports import Batch, LeafFileError, Unit
from tagserver.services.log_standing import LogStanding
from tagserver.services.suite import Services
from tagserver.services.verify import Verification
from tagserver.web.anchor_steps import anchor_steps
from tagserver.web.catalogue import gettext, ngettext
from tagserver.web.log_steps import log_steps
from tagserver.web.sentences import day, number
from tagserver.web.step import Outcome, Step


def steps(services: Services, verification: Verification, *, counted: bool) -> tuple[Step, ...]:
    """The chain for a verification whose record was reached; empty when there is nothing to tell."""
    dossier, reading = verification.dossier, verification.reading
    if verification.gtin is None or (dossier.product is None and not dossier.issuer):
        return ()
    found = [_signature(services, verification)]
    if dossier.unit is None or dossier.batch is None:
        return tuple(found)
    if isinstance(reading, Ours):
        found.append(_membership(services, reading.tag, dossier.batch, dossier.unit.unit))
    else:
        found.append(_on_record(dossier.batch))
    if found[-1].outcome is not Outcome.FAILS:
        found.extend(log_steps(services, dossier.log))
        found.extend(_anchors(services, dossier.log))
    return (*found, _this_scan(counted))


def _signature(services: Services, verification: Verification) -> Step:
    """Step 1: whose signature the code carries."""
    reading = verification.reading
    if not isinstance(reading, Ours):
        return Step(
            outcome=Outcome.OPEN,
            text=gettext("No signature was read"),
            note=gettext("the number was typed in; only the printed code carries the signature"),
        )
    trust = services.trust.now_in_force()
    finding = check_signature(reading.tag, trust, verification.at)
    issuer = trust.issuer(reading.tag.identity.gtin)
    key = issuer.key(reading.tag.identity.slot) if issuer else None
    match finding.outcome:
        case Signature.VALID:
            return Step(
                outcome=Outcome.HOLDS,
                text=gettext("Signed by %(issuer)s", issuer=finding.issuer),
                note=_key_note(key),
            )
        case Signature.KEY_REVOKED:
            return Step(
                outcome=Outcome.FAILS,
                text=gettext("Signed with a withdrawn key of %(issuer)s", issuer=finding.issuer),
                note=gettext("%(key)s; withdrawn by its owner", key=_key_note(key)),
            )
        case Signature.INVALID:
            return Step(
                outcome=Outcome.FAILS,
                text=gettext("Not signed by %(issuer)s", issuer=finding.issuer),
                note=gettext("the signature in the code does not fit the key on record"),
            )
        case Signature.KEY_UNKNOWN:
            note = gettext("key %(slot)s is not on record", slot=f"{reading.tag.identity.slot:02d}")
            return Step(outcome=Outcome.FAILS, text=gettext("Signed by nobody that we know"), note=note)


def _key_note(key: IssuerKey | None) -> str:
    if key is None:
        return ""
    return gettext(
        "key %(slot)s (%(fingerprint)s), valid since %(day)s",
        slot=f"{key.slot:02d}",
        fingerprint=fingerprint(key.public_key),
        day=day(key.not_before),
    )


def _membership(services: Services, tag: Tag, batch: Batch, unit: Unit) -> Step:
    """Step 2: the tag's place in its batch's Merkle tree, computed anew and held against the batch's root."""
    what = _one_of(batch)
    try:
        path = services.printing.path(batch.number, unit.index)
        verify_inclusion(leaf_hash(leaf_bytes(tag)), unit.index, batch.count, path, batch.root or b"")
    except ProofError:
        return Step(
            outcome=Outcome.FAILS,
            text=gettext("Not among the tags that this lot was issued with"),
            note=gettext("the proof does not lead to the root that the producer signed"),
        )
    except LeafFileError:
        note = gettext("the proof could not be read and was not checked")
        return Step(outcome=Outcome.OPEN, text=what, note=note)
    if not path:
        note = gettext("the tag is its lot's root, checked by this server")
    else:
        note = ngettext(
            "proof of %(count)s step, checked by this server",
            "proof of %(count)s steps, checked by this server",
            len(path),
            count=number(len(path)),
        )
    return Step(outcome=Outcome.HOLDS, text=what, note=note)


def _on_record(batch: Batch) -> Step:
    return Step(
        outcome=Outcome.HOLDS,
        text=gettext("The number is on record: %(which)s", which=_one_of(batch)),
        note=gettext("found in the producer's record; without the code there is no proof to check"),
    )


def _one_of(batch: Batch) -> str:
    if not batch.lot:
        return ngettext(
            "One of %(count)s tag", "One of %(count)s tags", batch.count, count=number(batch.count)
        )
    return ngettext(
        "One of %(count)s tag in lot %(lot)s",
        "One of %(count)s tags in lot %(lot)s",
        batch.count,
        count=number(batch.count),
        lot=batch.lot,
    )


def _anchors(services: Services, log: LogStanding) -> tuple[Step, ...]:
    """Step 3: where the log that holds the batch is anchored; nowhere as long as it is not in it."""
    size = log.index + 1 if log.index is not None and isinstance(log.finding, Proven) else None
    return anchor_steps(services.anchoring, size)


def _this_scan(counted: bool) -> Step:
    """The last step."""
    kept = gettext("no address and no exact position is kept")
    if counted:
        return Step(outcome=Outcome.HOLDS, text=gettext("This scan was added to the history"), note=kept)
    text = gettext("This look was noted but does not count as a scan")
    return Step(outcome=Outcome.OPEN, text=text, note=kept)
