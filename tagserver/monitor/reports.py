"""A look as JSON, for programs and webhooks, and as lines for people."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tagcore.canonical import Json
from tagcore.moment import format_moment
from tagserver.monitor.alarms import Finding
from tagserver.monitor.watch import Look


def look_to_json(look: Look, url: str, *, only: Collection[str] | None = None) -> dict[str, Json]:
    """The whole look; `only` names the findings that it shall tell."""
    findings = [finding for finding in look.findings if only is None or finding.id in only]
    return {
        "type": "origintag-monitor-look",
        "version": 1,
        "at": format_moment(look.at),
        "url": url,
        "origin": look.origin,
        "size": look.size,
        "root": look.root.hex() if look.root is not None else None,
        "read": look.read,
        "witnesses": list(look.witnesses),
        "status": look.exit_status,
        "findings": [_finding_to_json(finding) for finding in findings],
    }


def _finding_to_json(finding: Finding) -> dict[str, Json]:
    return {
        "code": finding.alarm.value,
        "id": finding.id,
        "problem": finding.problem,
        "index": finding.index,
        "evidence": list(finding.evidence),
    }


def look_to_lines(look: Look) -> Iterator[str]:
    """One line for the log, one for each finding."""
    if look.origin is not None:
        witnesses = f", witnesses {', '.join(look.witnesses)}" if look.witnesses else ""
        yield f"{look.origin}: {look.size} entries, {look.read} read now{witnesses}"
    for finding in look.findings:
        place = "" if finding.index is None else f" entry {finding.index}:"
        yield f"{finding.alarm}:{place} {finding.problem}"
    if not look.findings:
        yield "nothing is off"
