import csv
import io
from collections.abc import Iterable

import pytest

from tagserver.labels.content import LabelContent
from tagserver.labels.url_list import write_url_list
from tests.tagserver.labels.samples import batch, contents


def rows_of(labels: Iterable[LabelContent], first: int = 1) -> list[dict[str, str]]:
    out = io.BytesIO()
    write_url_list(labels, out, first=first)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))


def test_every_label_is_a_row_with_its_exact_url() -> None:
    made = list(contents(5000))
    rows = rows_of(made)
    assert [row["url"] for row in rows] == [content.url for content in made]
    assert rows[-1] == {
        "sequence": "5000",
        "url": made[-1].url,
        "gtin": "09506000134352",
        "lot": "L26-0914",
        "expiry": "271231",
        "serial": made[-1].serial,
    }


def test_the_sequence_may_begin_anywhere() -> None:
    assert [row["sequence"] for row in rows_of(contents(2), first=501)] == ["501", "502"]


@pytest.mark.parametrize("lot", ["=1+1", "+1", "-1", "@A", "=cmd|' /C calc'!A1"])
def test_a_lot_that_a_spreadsheet_would_compute_is_made_text(lot: str) -> None:
    assert rows_of(contents(1, batch(lot=lot)))[0]["lot"] == "'" + lot


def test_commas_and_quotes_stay_in_their_field() -> None:
    assert rows_of(contents(1, batch(lot='a,"b"')))[0]["lot"] == 'a,"b"'


def test_lines_end_as_rfc_4180_says() -> None:
    out = io.BytesIO()
    assert write_url_list(contents(2), out) == 2
    assert out.getvalue().count(b"\r\n") == out.getvalue().count(b"\n") == 3


def test_no_labels_leave_the_header() -> None:
    assert rows_of([]) == []
