"""Verify: gather the evidence about what was read, let `tagcore.verdict` decide, and record the scan.

1. Read the text: ours, typed, or not ours.
2. Check the signature against the keys in force.
3. Look the unit up: record, state, recalls, past scans, in one reading transaction.
4. Decide.
5. Record the scan of a unit that exists, durably, before the answer leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tagcore.evidence import (
    Cause,
    Evidence,
    NotConsulted,
    NotOurs,
    NoUnit,
    Ours,
    Reading,
    RecallNotice,
    Signature,
    Typed,
    UnitRecord,
)
from tagcore.gs1 import Gtin
from tagcore.history import History, Scan, Thresholds, summarise
from tagcore.reading import check_signature, read, read_path
from tagcore.trust import TrustBundle
from tagcore.verdict import Verdict, decide
from tagserver.ports import (
    Batch,
    Clock,
    OrgId,
    Product,
    Recall,
    RecallKind,
    ScanRecord,
    SerialIndexError,
    Store,
    StoreUnavailableError,
    Transaction,
    UnitState,
)
from tagserver.services.keys import Trust
from tagserver.services.log_standing import NO_LOG, LogStanding, LogStandings
from tagserver.services.lookup import Lookup
from tagserver.services.moment import remembering
from tagserver.services.viewers import Sight

OUTAGES = (StoreUnavailableError, SerialIndexError, OSError)
"""What keeps the record from being read: the database, a list of serials, the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What the record holds on a unit: the product is there even when the unit is not."""

    product: Product | None = None
    unit: UnitState | None = None
    batch: Batch | None = None
    issuer: str = ""
    history: History | None = None
    log: LogStanding = NO_LOG


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A verdict, what was read, and what the record holds on it. `at` is when (UTC)."""

    at: datetime
    verdict: Verdict
    reading: Reading
    dossier: Dossier

    @property
    def gtin(self) -> Gtin | None:
        """The GTIN that was read, if one was."""
        match self.reading:
            case Ours(tag=tag):
                return tag.identity.gtin
            case Typed(gtin=gtin):
                return gtin
            case NotOurs():
                return None

    @property
    def serial(self) -> str | None:
        """The serial that was read, if one was."""
        match self.reading:
            case Ours(tag=tag):
                return tag.identity.serial
            case Typed(serial=serial):
                return serial
            case NotOurs():
                return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One thing that is looked at, a text or what was read already, and the circumstances.

    `ticket` (16 bytes) stands for this one look, however often it is sent: its scan is recorded the first time.
    """

    what: str | Reading
    sight: Sight
    ticket: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A request that may be sent again: `request_hash` (32 bytes) covers its kind and content."""

    org_id: OrgId
    key: str
    request_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Verifications in the order of their looks. `is_outage`: the store did not answer, none of them was recorded;
    `replayed`: their scans were recorded before.
    """

    verifications: tuple[Verification, ...]
    is_outage: bool = False
    replayed: bool = False


@dataclass(slots=True, kw_only=True)
class _Case:
    """A look on its way to a verdict; `scan` is what is to be recorded of it."""

    sight: Sight
    evidence: Evidence
    dossier: Dossier = field(default_factory=Dossier)
    scan: ScanRecord | None = None
    ticket: bytes | None = None
    _decided: tuple[Evidence, Verdict] | None = None

    @property
    def verdict(self) -> Verdict:
        """Step 4, once for the same evidence."""
        if self._decided is None or self._decided[0] is not self.evidence:
            self._decided = self.evidence, decide(self.evidence)
        return self._decided[1]

    @property
    def is_open(self) -> bool:
        """Whether the record has something to say."""
        return not isinstance(self.evidence.reading, NotOurs)

    def give_up(self) -> None:
        """The record cannot be reached. A signature that is known to be wrong stays wrong."""
        self.dossier, self.scan = Dossier(), None
        if self.is_open:
            self.evidence = replace(
                self.evidence,
                record=NotConsulted(cause=Cause.OUTAGE),
                trust_problem=Cause.OUTAGE,
                history=None,
                proof=None,
            )

    def verification(self) -> Verification:
        """What came of it."""
        evidence = self.evidence
        return Verification(
            at=evidence.now, verdict=self.verdict, reading=evidence.reading, dossier=self.dossier
        )


class Verifying:
    """Verifications of what people and machines read."""

    def __init__(
        self,
        *,
        store: Store,
        trust: Trust,
        lookup: Lookup,
        standings: LogStandings,
        clock: Clock,
        thresholds: Thresholds,
    ) -> None:
        self._store = store
        self._trust = trust
        self._lookup = lookup
        self._standings = standings
        self._clock = clock
        self._thresholds = thresholds

    def verify_text(self, text: str, sight: Sight) -> Verification:
        """Verify what a scanner read or a person pasted."""
        return self._verify(text, sight)

    def verify_path(self, path: str, sight: Sight) -> Verification:
        """Verify a tag whose URL led to this server: path and query, as they came."""
        return self._verify(read_path(path), sight)

    def verify_typed(self, typed: Typed, sight: Sight) -> Verification:
        """Verify numbers that a person typed."""
        return self._verify(typed, sight)

    def verify_chunk(self, looks: Sequence[Look], *, once: Once | None = None) -> Chunk:
        """Verify some at once, in their order: one reading and one writing transaction for all of them.

        With `once` their scans are recorded the first time only; the verdicts are those of now each time. Without
        the store all of them cannot be checked; without a list of serials those that need it.
        Raises: IdempotencyConflictError, when `once` stands for another request.
        """
        try:
            trust = self._trust.now_in_force()
        except OUTAGES:
            return self.without_record(looks)
        cases = [self._open(look, trust) for look in looks]
        replayed = is_outage = False
        try:
            self._consult_all([case for case in cases if case.is_open], trust)
            replayed = self._record_all([case for case in cases if case.scan is not None], once)
        except OUTAGES:
            is_outage = True
            for case in cases:
                case.give_up()
        return Chunk(
            verifications=tuple(case.verification() for case in cases), is_outage=is_outage, replayed=replayed
        )

    def without_record(self, looks: Sequence[Look]) -> Chunk:
        """What can be said without the store: a forged signature is found; anything better is not claimed."""
        trust = self._trust.fallback()
        cases = [self._open(look, trust) for look in looks]
        for case in cases:
            case.give_up()
        return Chunk(verifications=tuple(case.verification() for case in cases), is_outage=True)

    def reader(self) -> Callable[[str], Reading]:
        """What reads texts as the keys of this moment would."""
        try:
            trust: TrustBundle | None = self._trust.now_in_force()
        except OUTAGES:
            trust = self._trust.fallback()
        return lambda text: read(text, trust)

    def _verify(self, what: str | Reading, sight: Sight) -> Verification:
        return self.verify_chunk([Look(what=what, sight=sight)]).verifications[0]

    def _open(self, look: Look, trust: TrustBundle | None) -> _Case:
        """Steps 1 and 2."""
        reading = read(look.what, trust) if isinstance(look.what, str) else look.what
        now, place = self._clock(), look.sight.place
        signature = None
        if isinstance(reading, Ours) and trust is not None:
            signature = check_signature(reading.tag, trust, now)
        evidence = Evidence(
            now=now,
            reading=reading,
            signature=signature,
            record=NotConsulted(),
            country=place.country if place and not isinstance(reading, NotOurs) else None,
        )
        return _Case(sight=look.sight, evidence=evidence, ticket=look.ticket)

    def _consult_all(self, cases: Sequence[_Case], trust: TrustBundle) -> None:
        """Steps 3 and 4. A unit that stands twice in a chunk has its first scan in its second's history."""
        if not cases:
            return
        present: dict[tuple[Gtin, str], list[ScanRecord]] = {}
        with self._store.read() as transaction:
            moment = remembering(transaction) if len(cases) > 1 else transaction
            for case in cases:
                try:
                    self._consult(moment, case, trust, present)
                except (SerialIndexError, OSError):
                    case.give_up()
                    continue
                case.scan = _scan(case)
                if case.scan is not None:
                    present.setdefault((case.scan.gtin, case.scan.serial), []).append(case.scan)

    def _consult(
        self,
        transaction: Transaction,
        case: _Case,
        trust: TrustBundle,
        present: Mapping[tuple[Gtin, str], Sequence[ScanRecord]],
    ) -> None:
        gtin, serial, lot = _names(case.evidence.reading)
        owner = trust.issuer(gtin)
        product = transaction.products.find(gtin)
        found = self._lookup.find(transaction, gtin, serial)
        issuer = owner.name if owner else ""
        if found is None:
            case.dossier = Dossier(product=product, issuer=issuer)
            exists = bool(transaction.batches.of_lot(gtin, lot))
            case.evidence = replace(case.evidence, record=NoUnit(lot_exists=exists))
            return
        unit, batch = found
        state = transaction.units.state(unit)
        record = _record_of(transaction, product, batch, state)
        scans = transaction.scans.history(unit.gtin, unit.serial, counted_only=True)
        past = [*scans, *(scan for scan in present.get((gtin, serial), ()) if scan.counted)]
        history = self._history(past, product, case)
        log = self._standings.of(transaction, batch, case.evidence.now)
        case.dossier = Dossier(
            product=product, issuer=issuer, unit=state, batch=batch, history=history, log=log
        )
        case.evidence = replace(case.evidence, record=record, history=history, proof=log.finding)

    def _history(self, past: Sequence[ScanRecord], product: Product | None, case: _Case) -> History:
        sight = case.sight
        present = Scan(
            at=case.evidence.now,
            viewer=sight.viewer,
            place=sight.place,
            reliable_place=sight.reliable_place,
            professional=sight.org_id is not None,
        )
        thresholds = product.thresholds if product and product.thresholds else self._thresholds
        scans = [_to_scan(row, row.viewer) for row in past if row.viewer is not None]
        return summarise(scans, present, thresholds)

    def _record_all(self, cases: Sequence[_Case], once: Once | None) -> bool:
        """Step 5; whether they were recorded before. In order of unit, so that no two lists wait for each other."""
        scans = [(case.scan, case.ticket) for case in cases if case.scan is not None]
        if once is None and all(ticket is None for _, ticket in scans):
            if scans:
                self._store.record([scan for scan, _ in scans])
            return False
        with self._store.write() as transaction:
            if once is not None:
                done = transaction.requests.begin(once.org_id, once.key, once.request_hash, at=self._clock())
                if done is not None:
                    return True
            for scan, ticket in sorted(scans, key=lambda pair: _in_order(pair[0])):
                if ticket is None or transaction.scans.first_time(ticket, at=scan.at):
                    transaction.scans.add(scan)
            if once is not None:
                transaction.requests.complete(once.org_id, once.key, f"{len(scans)} scans")
        return False


def _in_order(scan: ScanRecord) -> tuple[Gtin, str, datetime]:
    return scan.gtin, scan.serial, scan.at


def _names(reading: Reading) -> tuple[Gtin, str, str]:
    """GTIN, serial and lot of what is looked up."""
    match reading:
        case Ours(tag=tag):
            return tag.identity.gtin, tag.identity.serial, tag.identity.lot
        case Typed(gtin=gtin, serial=serial, lot=lot):
            return gtin, serial, lot or ""
        case NotOurs():
            raise ValueError("nothing to look up")


def _scan(case: _Case) -> ScanRecord | None:
    """What is recorded. Serials that never were are not: anybody can make them up."""
    unit, sight = case.dossier.unit, case.sight
    if unit is None:
        return None
    return ScanRecord(
        gtin=unit.unit.gtin,
        serial=unit.unit.serial,
        at=case.evidence.now,
        viewer=sight.viewer,
        org_id=sight.org_id,
        place=sight.place,
        reliable_place=sight.reliable_place,
        level=case.verdict.level,
        headline=case.verdict.headline.code,
        counted=_counts(sight, case.evidence),
    )


def _counts(sight: Sight, evidence: Evidence) -> bool:
    """Whether the scan is evidence for later verdicts.

    It needs the signature: who only knows the numbers has not seen the label. A person counts once; an
    organisation each time, for its scans tell where the unit was.
    """
    signed = evidence.signature is not None and evidence.signature.outcome is Signature.VALID
    repeated = evidence.history is not None and evidence.history.seen_before_by_viewer
    return sight.counted and signed and (sight.org_id is not None or not repeated)


def _record_of(
    transaction: Transaction, product: Product | None, batch: Batch, state: UnitState
) -> UnitRecord:
    recalls = transaction.recalls.in_force(batch.gtin, lot=batch.lot, serial=state.unit.serial)
    key = transaction.keys.find(batch.key_id)
    return UnitRecord(
        lot=batch.lot,
        expiry=batch.expiry,
        state=state.standing.state,
        state_since=state.standing.since,
        state_country=state.standing.country,
        signed_in_window=key is not None and key.not_before <= batch.created_at < key.not_after,
        markets=frozenset(product.markets) if product else frozenset(),
        recall=_notice(recalls, product),
    )


def _notice(recalls: Sequence[Recall], product: Product | None) -> RecallNotice | None:
    """The recall to show: a recall before a withdrawal, then the newest."""
    if not recalls:
        return None
    ordered = sorted(recalls, key=lambda recall: recall.kind is RecallKind.WITHDRAW)
    recall = ordered[0]
    return RecallNotice(
        withdrawn=recall.kind is RecallKind.WITHDRAW,
        on=recall.at.astimezone(UTC).date(),
        reason=recall.reason,
        instructions=recall.instructions
        or (product.instructions if product else "")
        or "Do not use it. Take it back where you got it.",
    )


def _to_scan(row: ScanRecord, viewer: bytes) -> Scan:
    return Scan(
        at=row.at,
        viewer=viewer,
        place=row.place,
        reliable_place=row.reliable_place,
        professional=row.org_id is not None,
    )
