import re
from pathlib import Path

from tagserver.config import SETTINGS, Setting, variable_name

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"

ROW = re.compile(r"^\| `([a-z0-9_]+)` \| ([^|]*) \| ([^|]*) \|", re.MULTILINE)


def documented() -> dict[str, tuple[str, str]]:
    """Each setting that has a row: what stands under "default" and under "range or form"."""
    section = DOCUMENT.read_text(encoding="utf-8").partition("## Every setting\n")[2].partition("\n## ")[0]
    return {name: (default.strip(), form.strip()) for name, default, form in ROW.findall(section)}


def default_in_words(setting: Setting) -> str:
    """As the table has it: environment only, to be given, empty, or the value."""
    if setting.is_secret:
        return "environment only"
    if setting.default is None:
        return "has to be given"
    return f"`{setting.default}`" if setting.default != "" else "empty"


def test_every_setting_has_a_row_and_every_row_is_a_setting() -> None:
    assert documented().keys() == {setting.name for setting in SETTINGS}


def test_every_default_in_the_table_is_the_one_in_force() -> None:
    rows = documented()
    wrong = {
        setting.name: rows[setting.name][0]
        for setting in SETTINGS
        if rows[setting.name][0] != default_in_words(setting)
    }
    assert wrong == {}


def test_every_secret_is_named_with_its_variable() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    secrets = [variable_name(setting.name) for setting in SETTINGS if setting.is_secret]
    assert [name for name in secrets if f"`{name}`" not in text] == []
