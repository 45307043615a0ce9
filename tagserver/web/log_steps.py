"""What the page says of the log: whether the lot is in it, and who besides this site vouches for it."""

from __future__ import annotations

from tagcore.evidence import Failed, Pending, Proven
from tagcore.findings import STEP_WORDS
from tagserver.services.log_standing import LogStanding
from tagserver.services.logs import Vouchers
from tagserver.services.suite import Services
from tagserver.web.catalogue import gettext, ngettext
from tagserver.web.sentences import number
from tagserver.web.step import Outcome, Step


def log_steps(services: Services, standing: LogStanding) -> tuple[Step, ...]:
    """Nothing for a workspace without a log, whose page says so with the anchors."""
    match standing.finding:
        case Proven():
            return (_in_the_log(standing), _witnessed(services.logs.vouchers()))
        case Pending():
            return (
                Step(
                    outcome=Outcome.OPEN,
                    text=gettext("Waiting for its place in the log"),
                    note=gettext("the lot was issued moments ago; look again in a minute"),
                ),
            )
        case Failed(step=step):
            return (
                Step(
                    outcome=Outcome.FAILS,
                    text=gettext("The record and the log do not agree"),
                    note=gettext("what does not hold: %(step)s", step=gettext(STEP_WORDS[step])),
                ),
            )
        case None if standing.index is not None:
            note = gettext("its files could not be read; nothing was checked")
            return (Step(outcome=Outcome.OPEN, text=gettext("The log was not checked"), note=note),)
        case None:
            return ()


def _in_the_log(standing: LogStanding) -> Step:
    assert standing.index is not None
    return Step(
        outcome=Outcome.HOLDS,
        text=gettext("In the log as entry %(index)s", index=number(standing.index)),
        note=ngettext(
            "proof of %(count)s step to the signed state of %(size)s entries, checked by this server",
            "proof of %(count)s steps to the signed state of %(size)s entries, checked by this server",
            standing.steps,
            count=number(standing.steps),
            size=number(standing.size),
        ),
    )


def _witnessed(vouchers: Vouchers) -> Step:
    signed = ngettext(
        "%(count)s independent witness signed the log's newest state of %(size)s entries",
        "%(count)s independent witnesses signed the log's newest state of %(size)s entries",
        vouchers.signed,
        count=number(vouchers.signed),
        size=number(vouchers.size),
    )
    if vouchers.is_witnessed:
        note = gettext("each of them saw that nothing in it was changed or taken away")
        return Step(outcome=Outcome.HOLDS, text=signed, note=note)
    if vouchers.signed:
        note = gettext("%(count)s are wanted", count=number(vouchers.threshold))
        return Step(outcome=Outcome.OPEN, text=signed, note=note)
    return Step(
        outcome=Outcome.OPEN,
        text=gettext("No independent witness has signed the log"),
        note=gettext("that everybody is shown the same log rests on this site's word"),
    )
