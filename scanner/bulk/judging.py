"""Entries to answers: by pinned keys, by a server's bulk check, or by the worse of both."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from scanner.answer import Answer, answer_of
from scanner.bulk.entry import Entry, Flaw
from scanner.check import worse_of
from scanner.online import ItemRefusal, NoAnswerError, Server, Silence
from scanner.verify import verify
from tagcore.evidence import Cause, Evidence, NotConsulted, Typed
from tagcore.trust import TrustBundle
from tagcore.verdict import decide

CHUNK = 1_000
"""Items in one question: a few seconds of a server's time, so that progress is seen and little is asked twice."""

_ATTEMPTS = 2


@dataclass(slots=True, kw_only=True)
class Judge:
    """What there is to check with. `run_id` names this run to the server, so that a question asked again counts once.

    A server that does not answer twice in a row is not asked again: the rest "could not be checked".
    """

    trust: TrustBundle | None
    server: Server | None
    token: str
    run_id: str
    _silence: Silence | None = None

    def answers(self, entries: Iterable[Entry], now: datetime) -> Iterator[tuple[Entry, Answer | Flaw]]:
        """Each entry with what came of it, in order. Raises: RefusedError when the server takes no question."""
        rest = iter(entries)
        number = 0
        while chunk := list(islice(rest, CHUNK)):
            asked = [entry for entry in chunk if not isinstance(entry.what, Flaw)]
            told = self._told(asked, number) if self.server and asked else iter(())
            for entry in chunk:
                yield entry, entry.what if isinstance(entry.what, Flaw) else self._judged(entry, told, now)
            number += 1

    def _judged(
        self, entry: Entry, told: Iterator[Answer | ItemRefusal | Silence], now: datetime
    ) -> Answer | Flaw:
        answer = next(told, None)
        match answer:
            case None:
                return self._own(entry, now)
            case Silence(why=why):
                return self._own(entry, now, missing=Cause.OUTAGE, note=why)
            case ItemRefusal(code=code, detail=detail):
                return Flaw(code=code, detail=detail)
            case Answer():
                return answer if self.trust is None else worse_of(self._own(entry, now), answer)

    def _own(self, entry: Entry, now: datetime, *, missing: Cause | None = None, note: str = "") -> Answer:
        if isinstance(entry.what, Typed):
            record = NotConsulted(cause=missing)
            verdict = decide(Evidence(now=now, reading=entry.what, signature=None, record=record))
        else:
            verdict = verify(entry.text, self.trust, now, missing=missing)
        return answer_of(verdict, note=note)

    def _told(self, entries: Sequence[Entry], number: int) -> Iterator[Answer | ItemRefusal | Silence]:
        """The server's answers in order. A connection that broke is tried once more, for the same scans."""
        assert self.server is not None
        items = [{"text": e.what} if isinstance(e.what, str) else dict(e.numbers) for e in entries]
        given, silence = 0, self._silence
        for _ in range(0 if silence else _ATTEMPTS):
            try:
                told = self.server.verify_list(items, token=self.token, key=f"{self.run_id}-{number}")
                for answer in islice(told, given, None):
                    given += 1
                    yield answer
            except NoAnswerError as error:
                silence = Silence(str(error))
            else:
                return
        self._silence = silence
        for _ in range(given, len(items)):
            yield silence or Silence("")
