"""docs/monitor.md names everything that a monitor can find, with the exit status that it ends with."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tagserver.cli.main import cli
from tagserver.monitor import Alarm

TEXT = (Path(__file__).parents[2] / "docs" / "monitor.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([0-9]) \| `([A-Z_]+)` \|", re.MULTILINE)


def test_every_alarm_has_a_row_with_its_exit_status() -> None:
    documented = {code: int(status) for status, code in ROW.findall(TEXT)}
    assert documented == {alarm.value: int(alarm.grade) for alarm in Alarm}


@pytest.mark.parametrize(
    "option", ["--producer", "--expected", "--webhook", "--once", "--interval", "--whole", "--accept"]
)
def test_every_option_that_the_document_names_is_there(option: str) -> None:
    assert option in TEXT
    assert option in CliRunner().invoke(cli, ["monitor", "--help"]).stdout
