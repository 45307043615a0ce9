"""What the console's menu offers: pages that the caller's scopes reach."""

from __future__ import annotations

from dataclasses import dataclass

from tagserver.ports import Scope
from tagserver.services.access import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One page by its name in the templates; without `scope` it is for everybody."""

    name: str
    path: str
    scope: Scope | None = None


ENTRIES = (
    Entry(name="overview", path="/console"),
    Entry(name="products", path="/console/products", scope=Scope.PRODUCTS),
    Entry(name="batches", path="/console/batches", scope=Scope.BATCHES),
    Entry(name="units", path="/console/units", scope=Scope.EVENTS),
    Entry(name="scans", path="/console/scans", scope=Scope.PRODUCTS),
    Entry(name="recalls", path="/console/recalls", scope=Scope.RECALLS),
    Entry(name="reports", path="/console/reports", scope=Scope.REPORTS),
    Entry(name="trail", path="/console/trail"),
)


def menu(caller: Caller) -> tuple[Entry, ...]:
    """The entries that this caller may open."""
    return tuple(entry for entry in ENTRIES if entry.scope is None or entry.scope in caller.scopes)
