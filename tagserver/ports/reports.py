"""Reports: people who scanned a tag say that something is wrong, and the producer looks into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tagcore.gs1 import Gtin
from tagcore.history import Place
from tagserver.ports.parties import AccountId, OrgId


class ReportReason(StrEnum):
    """What is wrong, in the words of the form. Append-only, as they are stored."""

    LOOKS_DIFFERENT = "looks_different"
    OPENED = "opened"
    BOUGHT_ODDLY = "bought_oddly"
    UNWELL = "unwell"
    PAGE_WRONG = "page_wrong"
    OTHER = "other"


class ReportStatus(StrEnum):
    """new -> active -> closed; a new one may be closed at once, a closed one stays so."""

    NEW = "new"
    ACTIVE = "active"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report, to the organisation that answers for its GTIN.

    `serial` is None when only the product is known. `text` is the person's own words. `contact` is personal data,
    given to be answered: it, `viewer` (a keyed, rotating hash) and the coordinates of `place` (coarse from the
    start) are erased after the retention period. `verdict` is the headline that the person saw, empty for none.
    """

    id: str
    gtin: Gtin
    serial: str | None
    org_id: OrgId
    at: datetime
    reason: ReportReason
    text: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    verdict: str = ""
    place: Place | None = None
    viewer: bytes | None = None
    status: ReportStatus = ReportStatus.NEW
    handled_by: AccountId | None = None
    closing_reason: str = ""
    closed_at: datetime | None = None


class Reports(Protocol):
    """Reports, found by the organisation that they go to."""

    def add(self, report: Report) -> None:
        """Raises AlreadyExistsError, NotStoredError (the organisation)."""
        ...

    def find(self, report_id: str) -> Report | None: ...

    def of_organisation(
        self,
        org_id: OrgId,
        *,
        limit: int,
        status: ReportStatus | None = None,
        after: str | None = None,
    ) -> tuple[Report, ...]:
        """Newest first; those older than the report `after`, none when there is no such report."""
        ...

    def counts(self, org_id: OrgId) -> Mapping[ReportStatus, int]:
        """How many in each status, zeros included."""
        ...

    def settle(self, changed: Report, *, expected: ReportStatus) -> None:
        """Store status, handler and closing of a report that is still `expected`. Raises StateConflictError."""
        ...

    def forget_people(self, *, before: datetime, limit: int = 10_000) -> int:
        """Erase contact, viewer and coordinates of up to `limit` reports made before `before`; how many. Call
        until it is 0.
        """
        ...
