from datetime import UTC, datetime, timedelta, timezone

import pytest

from tagcore.moment import format_moment, parse_moment


def test_is_whole_seconds_in_utc() -> None:
    moment = datetime(2026, 7, 1, 14, 30, 15, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert format_moment(moment) == "2026-07-01T12:30:15Z"
    assert parse_moment("2026-07-01T12:30:15Z") == datetime(2026, 7, 1, 12, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-07-01",
        "2026-07-01T12:30:15",
        "2026-07-01T12:30:15+00:00",
        "2026-02-30T00:00:00Z",
        "2026-07-01t12:30:15z",
        "٢٠٢٦-07-01T12:30:15Z",
    ],
)
def test_refuses_another_form(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_moment(text)
