import re
from enum import StrEnum
from pathlib import Path
from types import ModuleType

import pytest

import tagserver.monitor
from scanner import errors as scanner_errors
from tagcore import errors as tagcore_errors
from tagserver.config import ConfigCode
from tagserver.labels import errors as label_errors
from tagserver.labels.layout import WarningCode
from tagserver.ports import errors as ports_errors
from tagserver.ports.imaging import ImageCode
from tagserver.services.errors import Refusal
from tagserver.web.errors import known_codes

PROJECT = Path(__file__).parents[2]
DOCUMENT = PROJECT / "docs" / "errors.md"

ENUMS: tuple[type[StrEnum], ...] = (
    Refusal,
    ports_errors.AnchorCode,
    ports_errors.KeystoreCode,
    ImageCode,
    ConfigCode,
    WarningCode,
)
MODULES = (tagcore_errors, ports_errors, label_errors, scanner_errors, tagserver.monitor)

ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]*)` \| ([^|]*) \|", re.MULTILINE)
FOUND_BY_A_ROUTE = re.compile(r"""ProblemError\(\s*\d{3},\s*["']([A-Z_]+)["']""")


def documented() -> dict[str, str]:
    """Each code that has a row, and the cell after it."""
    return dict(ROW.findall(DOCUMENT.read_text(encoding="utf-8")))


def codes_of_exceptions(module: ModuleType) -> set[str]:
    """The code that each exception of a module carries; some carry another one each time."""
    classes = [found for found in vars(module).values() if isinstance(found, type)]
    codes = {getattr(kind, "code", None) for kind in classes if issubclass(kind, Exception)}
    return {code for code in codes if isinstance(code, str)}


@pytest.mark.parametrize("codes", ENUMS, ids=lambda codes: codes.__name__)
def test_every_code_of_an_enumeration_has_a_row(codes: type[StrEnum]) -> None:
    assert {code.value for code in codes} - documented().keys() == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_exception_with_a_code_has_a_row(module: ModuleType) -> None:
    codes = codes_of_exceptions(module)
    assert codes
    assert codes - documented().keys() == set()


def test_every_code_that_a_route_finds_by_itself_has_a_row() -> None:
    sources = (PROJECT / "tagserver" / "web").rglob("*.py")
    codes = {code for path in sources for code in FOUND_BY_A_ROUTE.findall(path.read_text(encoding="utf-8"))}
    assert codes
    assert codes - documented().keys() == set()


def test_every_code_that_goes_out_by_http_has_a_row_with_its_status() -> None:
    rows = documented()
    bases = {"INPUT", "IMAGE_ERROR"}
    wrong = {
        code: (rows.get(code), int(status))
        for code, status in known_codes().items()
        if code not in bases and rows.get(code) != str(int(status))
    }
    assert wrong == {}


def test_no_code_has_two_rows() -> None:
    codes = [code for code, _ in ROW.findall(DOCUMENT.read_text(encoding="utf-8"))]
    assert len(codes) == len(set(codes))
