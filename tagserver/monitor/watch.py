"""One look at a log: everything that can be found wrong with what is new, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from tagcore.cosignature import witnesses_of
from tagcore.errors import NoteError, ProofError
from tagcore.frontier import Frontier
from tagcore.trust import TrustBundle
from tagserver.monitor.alarms import Alarm, Finding
from tagserver.monitor.anchoring import AnchorWatch
from tagserver.monitor.expected import Expectations
from tagserver.monitor.files import LogUnreachableError
from tagserver.monitor.growth import GrowthError, read_growth
from tagserver.monitor.heads import Head, compare, key_findings, read_head, witness_findings
from tagserver.monitor.judging import Judge
from tagserver.monitor.state import StateFile, Watched
from tagserver.monitor.tree import LogFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look came to. `size` and `root` are what is believed of the log now; None before anything was.

    `read` counts the entries that were read; `untold` are the ids of findings that were not told before.
    """

    at: datetime
    origin: str | None
    size: int | None
    root: bytes | None
    read: int
    witnesses: tuple[str, ...]
    findings: tuple[Finding, ...]
    untold: frozenset[str]

    @property
    def exit_status(self) -> int:
        """0 when nothing is off, otherwise that of the gravest finding."""
        return min((int(finding.alarm.grade) for finding in self.findings), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What is believed of the log after a look, its head when that is believed too, and what was found."""

    watched: Watched | None
    head: Head | None
    read: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """Follows the log in `files`. `pause` waits so many seconds; `anchors` asks chains and authorities."""

    files: LogFiles
    trust: TrustBundle
    expected: Expectations
    state: StateFile
    pause: Callable[[float], None]
    anchors: AnchorWatch = field(default_factory=AnchorWatch)

    def look(self, now: datetime, *, whole: bool = False) -> Look:
        """Look once; `whole` reads all of the log again. Raises: StateFileError."""
        with self.state.held():
            known = self.state.load()
            try:
                outcome = self._follow(known, now, whole=whole)
            except _NothingBelievedError as error:
                findings = (error.finding, *self._open_findings(known))
                outcome = _Outcome(watched=known, head=None, read=0, findings=findings)
            if outcome.watched is not None and outcome.watched is not known:
                self.state.save(outcome.watched)
        return _look(now, outcome, self._stale(now))

    def _stale(self, now: datetime) -> tuple[Finding, ...]:
        if not self.trust.is_stale(now):
            return ()
        return (Finding(alarm=Alarm.TRUST_EXPIRED, problem="the trust bundle has expired"),)

    def note_told(self, look: Look) -> None:
        """Remember what was told; what is found no more is forgotten, so that it is told when it comes back."""
        with self.state.held():
            known = self.state.load()
            if known is not None:
                self.state.save(replace(known, told=frozenset(finding.id for finding in look.findings)))

    def accept(self, indices: Iterable[int]) -> None:
        """A person has looked into these entries: they are reported no more."""
        with self.state.held():
            known = self.state.load()
            if known is not None:
                accepted = known.accepted | frozenset(indices)
                still = {index: data for index, data in known.open.items() if index not in accepted}
                self.state.save(replace(known, accepted=accepted, open=still))

    def _follow(self, known: Watched | None, now: datetime, *, whole: bool) -> _Outcome:
        """Raises: _NothingBelievedError."""
        seen = known.frontier if known else Frontier()
        head = self._read_head(known, seen)
        start = Frontier() if whole else seen
        judge = Judge(self.trust, head.log, self.expected, known.ended if known and not whole else {})
        suspect: dict[int, bytes] = {}
        findings: list[Finding] = []

        def take(index: int, data: bytes) -> None:
            found = tuple(judge.judge(index, data)) if not known or index not in known.accepted else ()
            if found:
                suspect[index] = data
                findings.extend(found)

        for index, data in () if known is None or whole else known.open.items():
            take(index, data)
        grown = self._grown(start, seen, head, take, known)
        findings += [*key_findings(head, judge.ended), *witness_findings(head), *self._anchors(head, now)]
        watched = Watched(
            origin=head.checkpoint.origin,
            checkpoint=head.data,
            frontier=grown,
            ended=judge.ended,
            open=suspect,
            accepted=known.accepted if known else frozenset(),
            told=known.told if known else frozenset(),
        )
        return _Outcome(watched=watched, head=head, read=grown.size - start.size, findings=tuple(findings))

    def _read_head(self, known: Watched | None, seen: Frontier) -> Head:
        """Raises: _NothingBelievedError."""
        try:
            head = read_head(self.files, self.trust, seen.size, self.pause)
        except ProofError as error:
            raise _NothingBelievedError(
                Finding(alarm=Alarm.CHECKPOINT_INVALID, problem=str(error))
            ) from error
        except LogUnreachableError as error:
            raise _NothingBelievedError(Finding(alarm=Alarm.LOG_UNREACHABLE, problem=str(error))) from error
        if known is not None and (wrong := compare(head, known.origin, seen, known.checkpoint)):
            raise _NothingBelievedError(wrong)
        return head

    def _grown(
        self,
        start: Frontier,
        seen: Frontier,
        head: Head,
        take: Callable[[int, bytes], None],
        known: Watched | None,
    ) -> Frontier:
        """Raises: _NothingBelievedError."""
        try:
            return read_growth(self.files, start, seen, head.checkpoint, take)
        except GrowthError as error:
            evidence = (known.checkpoint.decode(), head.text) if known else (head.text,)
            raise _NothingBelievedError(replace(error.finding, evidence=evidence)) from error
        except LogUnreachableError as error:
            raise _NothingBelievedError(Finding(alarm=Alarm.LOG_UNREACHABLE, problem=str(error))) from error

    def _anchors(self, head: Head, now: datetime) -> Iterator[Finding]:
        try:
            yield from self.anchors.findings(self.files, head, now)
        except LogUnreachableError as error:
            yield Finding(alarm=Alarm.LOG_UNREACHABLE, problem=str(error))

    def _open_findings(self, known: Watched | None) -> tuple[Finding, ...]:
        """What is still open from former looks, when this one read nothing."""
        log = self.trust.log(known.origin) if known else None
        if known is None or log is None:
            return ()
        judge = Judge(self.trust, log, self.expected, known.ended)
        return tuple(finding for index, data in known.open.items() for finding in judge.judge(index, data))


class _NothingBelievedError(Exception):
    """The look ends here: what the log shows is not believed, and nothing of it is remembered."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.problem)
        self.finding = finding


def _look(now: datetime, outcome: _Outcome, also: tuple[Finding, ...]) -> Look:
    watched, head = outcome.watched, outcome.head
    findings = (*outcome.findings, *also)
    told = watched.told if watched else frozenset()
    return Look(
        at=now,
        origin=watched.origin if watched else None,
        size=watched.frontier.size if watched else None,
        root=watched.frontier.root if watched else None,
        read=outcome.read,
        witnesses=_witnesses(head) if head else (),
        findings=findings,
        untold=frozenset(finding.id for finding in findings) - told,
    )


def _witnesses(head: Head) -> tuple[str, ...]:
    try:
        return tuple(witness.name for witness in witnesses_of(head.note, head.log.witnesses))
    except NoteError:
        return ()
