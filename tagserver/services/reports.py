"""Consumers' reports: somebody who scanned a tag says that something is wrong; the producer looks into it.

Contact data are the person's own choice, go to the producer alone, and are erased after the retention period
together with viewer and coordinates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from tagcore.gs1 import Gtin, parse_serial
from tagcore.reasons import Code
from tagcore.states import Role
from tagserver.ports import (
    Clock,
    OrgId,
    Report,
    ReportReason,
    ReportStatus,
    Scope,
    Store,
    Transaction,
)
from tagserver.services.access import Caller, RandomBytes, audit, owns_gtin, require_scope
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.retention import AT_ONCE
from tagserver.services.texts import check_line, check_text
from tagserver.services.viewers import Sight

LONGEST_TEXT = 2_000
"""Characters: a page, as long as anyone writes on a telephone."""

MOST_AT_ONCE = 200
"""Reports on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What the person sends: `text`, `contact` and `verdict` (the reason code that was the headline) may be empty."""

    gtin: Gtin
    serial: str | None
    reason: ReportReason
    text: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    verdict: str = ""


class Reports:
    """File, look through, take and close."""

    def __init__(self, *, store: Store, clock: Clock, random_bytes: RandomBytes, keep: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._random_bytes = random_bytes
        self._keep = keep

    def file(self, complaint: Complaint, sight: Sight) -> Report:
        """Store a report for whoever answers for the GTIN: its product's owner, else the producer of its prefix.

        Raises: ServiceError INPUT_INVALID, NOT_FOUND when nobody does; Gs1SyntaxError for a serial that is none.
        """
        _check(complaint)
        with self._store.write() as transaction:
            report = Report(
                id=self._random_bytes(8).hex(),
                gtin=complaint.gtin,
                serial=complaint.serial,
                org_id=_answerable(transaction, complaint.gtin),
                at=self._clock(),
                reason=complaint.reason,
                text=complaint.text.strip(),
                contact=complaint.contact.strip(),
                verdict=complaint.verdict,
                place=sight.place,
                viewer=sight.viewer,
            )
            transaction.reports.add(report)
        return report

    def of(
        self,
        caller: Caller,
        *,
        status: ReportStatus | None = None,
        limit: int = 50,
        after: str | None = None,
    ) -> tuple[Report, ...]:
        """The caller's, newest first; `after` is the id of the last one that was seen. Raises: AccessError."""
        require_scope(caller, Scope.REPORTS)
        most = max(1, min(limit, MOST_AT_ONCE))
        with self._store.read() as transaction:
            return transaction.reports.of_organisation(caller.org_id, limit=most, status=status, after=after)

    def counts(self, caller: Caller) -> Mapping[ReportStatus, int]:
        """How many in each status. Raises: AccessError."""
        require_scope(caller, Scope.REPORTS)
        with self._store.read() as transaction:
            return transaction.reports.counts(caller.org_id)

    def find(self, caller: Caller, report_id: str) -> Report:
        """Raises: AccessError; ServiceError NOT_FOUND, for other organisations' too."""
        require_scope(caller, Scope.REPORTS)
        with self._store.read() as transaction:
            return _own(transaction, caller, report_id)

    def take(self, caller: Caller, report_id: str) -> Report:
        """Somebody looks into it: new to active. Raises: AccessError; ServiceError NOT_FOUND, TRANSITION_REFUSED."""
        require_scope(caller, Scope.REPORTS)
        with self._store.write() as transaction:
            report = _own(transaction, caller, report_id)
            if report.status is not ReportStatus.NEW:
                raise _transition_refused(report)
            taken = replace(report, status=ReportStatus.ACTIVE, handled_by=caller.account_id)
            transaction.reports.settle(taken, expected=report.status)
            audit(transaction, caller, self._clock(), "report.take", report.id)
        return taken

    def close(self, caller: Caller, report_id: str, reason: str) -> Report:
        """Done, with a reason. Raises: AccessError; ServiceError NOT_FOUND, TRANSITION_REFUSED, INPUT_INVALID."""
        require_scope(caller, Scope.REPORTS)
        _check_text(reason, "reason", shortest=1)
        now = self._clock()
        with self._store.write() as transaction:
            report = _own(transaction, caller, report_id)
            if report.status is ReportStatus.CLOSED:
                raise _transition_refused(report)
            closed = replace(
                report,
                status=ReportStatus.CLOSED,
                handled_by=caller.account_id,
                closing_reason=reason.strip(),
                closed_at=now,
            )
            transaction.reports.settle(closed, expected=report.status)
            audit(transaction, caller, now, "report.close", report.id)
        return closed

    def forget(self, *, at_once: int = AT_ONCE) -> int:
        """Erase contact, viewer and coordinates of all reports older than the period, closed or not; of how many."""
        before, total = self._clock() - self._keep, 0
        while True:
            with self._store.write() as transaction:
                done = transaction.reports.forget_people(before=before, limit=at_once)
            if not done:
                return total
            total += done


def _answerable(transaction: Transaction, gtin: Gtin) -> OrgId:
    product = transaction.products.find(gtin)
    if product is not None:
        return product.org_id
    for organisation in transaction.organisations.all():
        if organisation.role is Role.PRODUCER and owns_gtin(organisation, gtin):
            return organisation.id
    raise ServiceError(Refusal.NOT_FOUND, f"nobody here answers for GTIN {gtin}", field="gtin")


def _own(transaction: Transaction, caller: Caller, report_id: str) -> Report:
    report = transaction.reports.find(report_id)
    if report is None or report.org_id != caller.org_id:
        raise ServiceError(Refusal.NOT_FOUND, f"no report {report_id[:64]!r}")
    return report


def _check(complaint: Complaint) -> None:
    if complaint.serial is not None:
        parse_serial(complaint.serial)
    _check_text(complaint.text, "text")
    check_line(complaint.contact, "contact")
    if complaint.verdict and complaint.verdict not in Code.__members__.values():
        raise ServiceError(Refusal.INPUT_INVALID, "verdict: want a reason code", field="verdict")


def _check_text(text: str, field_name: str, *, shortest: int = 0) -> None:
    check_text(text, field_name)
    if not shortest <= len(text.strip()) <= LONGEST_TEXT:
        message = f"{field_name}: want {shortest} to {LONGEST_TEXT} characters"
        raise ServiceError(Refusal.INPUT_INVALID, message, field=field_name)


def _transition_refused(report: Report) -> ServiceError:
    return ServiceError(Refusal.TRANSITION_REFUSED, f"the report is {report.status}")
