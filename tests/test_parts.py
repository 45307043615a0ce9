import pytest

from tests.parts import require_part


def test_goes_on_when_the_part_is_there() -> None:
    require_part(True, "a part", "get part")


def test_skips_with_the_way_to_get_a_missing_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUIRE_ALL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="needs a part; to get it: get part"):
        require_part(False, "a part", "get part")


def test_fails_for_a_missing_part_when_all_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="needs a part"):
        require_part(False, "a part", "get part")
