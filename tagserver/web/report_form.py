"""The form on which somebody says that something is wrong with a pack: what was typed, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tagcore.errors import InputError
from tagcore.gs1 import Gtin, gtin_from_any, parse_serial
from tagcore.reasons import Code
from tagcore.serials import normalise_typed
from tagserver.ports import ReportReason
from tagserver.services.reports import LONGEST_TEXT, Complaint
from tagserver.services.texts import MAX_LINE
from tagserver.web.catalogue import gettext, mark
from tagserver.web.sentences import number

FIELDS = ("gtin", "serial", "verdict", "reason", "text", "contact")

_KEPT = 2 * LONGEST_TEXT
"""Characters of a field that come back in the form: enough to shorten by hand what was too long."""

REASONS: Mapping[ReportReason, str] = {
    ReportReason.LOOKS_DIFFERENT: mark("It looks different from what I know"),
    ReportReason.OPENED: mark("It was opened, or its seal is damaged"),
    ReportReason.BOUGHT_ODDLY: mark("Where it was sold, or its price, seems odd"),
    ReportReason.UNWELL: mark("Somebody felt unwell after using it"),
    ReportReason.PAGE_WRONG: mark("The page shows something else than the pack"),
    ReportReason.OTHER: mark("Something else"),
}

_WRONG: Mapping[str, str] = {
    "gtin": mark("The product number has 8, 12, 13 or 14 digits. Look under the bar code, or after (01)."),
    "serial": mark("The serial has 1 to 20 characters and no spaces: type it as it stands after (21)."),
    "reason": mark("Choose what comes closest."),
}

NOT_KNOWN = mark("No producer here answers for this product number.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportForm:
    """`typed` has every field, as it came; `wrong` says of some of them what is wrong, in the reader's language."""

    typed: Mapping[str, str]
    wrong: Mapping[str, str] = field(default_factory=dict)

    def refused(self, name: str, why: str) -> ReportForm:
        """The same form, with a word on one field."""
        return replace(self, wrong={**self.wrong, name: why})

    @property
    def gtin(self) -> Gtin | None:
        """The product number, if it is one."""
        try:
            return gtin_from_any(self.typed["gtin"])
        except InputError:
            return None

    @property
    def serial(self) -> str | None:
        """The serial, if it is one."""
        try:
            return parse_serial(normalise_typed(self.typed["serial"]))
        except InputError:
            return None


def read_form(sent: Mapping[str, str]) -> ReportForm:
    """What was sent, or what an address brings along. A browser writes the end of a line as two characters."""
    typed = {name: sent.get(name, "").replace("\r\n", "\n").strip()[:_KEPT] for name in FIELDS}
    if typed["verdict"] not in Code.__members__:
        typed["verdict"] = ""
    return ReportForm(typed=typed)


def checked_complaint(form: ReportForm) -> Complaint | ReportForm:
    """What is to be filed, or the form with a word on each field at fault."""
    typed, gtin, serial = form.typed, form.gtin, form.serial
    faults = {
        "gtin": gtin is None,
        "serial": bool(typed["serial"]) and serial is None,
        "reason": typed["reason"] not in list(ReportReason),
    }
    wrong = {name: gettext(_WRONG[name]) for name, is_wrong in faults.items() if is_wrong}
    if len(typed["text"]) > LONGEST_TEXT:
        wrong["text"] = gettext("At most %(count)s characters, please.", count=number(LONGEST_TEXT))
    if len(typed["contact"]) > MAX_LINE or not typed["contact"].isprintable():
        wrong["contact"] = gettext(
            "One line of at most %(count)s characters, please.", count=number(MAX_LINE)
        )
    if wrong or gtin is None:
        return replace(form, wrong=wrong)
    return Complaint(
        gtin=gtin,
        serial=serial,
        reason=ReportReason(typed["reason"]),
        text=typed["text"],
        contact=typed["contact"],
        verdict=typed["verdict"],
    )
