import csv
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from tests.scanner.cast import IDENTITY, NOW, bundle, signed, tag_url
from tests.scanner.drawing import draw_label

DOCUMENT = Path(__file__).parents[2] / "docs" / "scanner.md"
ALL_EXAMPLES = re.findall(
    r"^```python\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
EXAMPLES = [example for example in ALL_EXAMPLES if "__main__" not in example]
PROGRAMS = [example for example in ALL_EXAMPLES if "__main__" in example]
PRINTED = (
    "UNCHECKED SIGNATURE_ONLY", "['FOREIGN_CODE']", "IMAGE_FORMAT_UNSUPPORTED", "NOT_OURS Not one",
    "UNCHECKED HTTPS://", "HTTPS://", "HTTPS://",
)  # fmt: skip

NOBODY = "http://127.0.0.1:1"
"""A server that never answers, in place of the one in the examples."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the examples find beside them: a label on a picture and a film, which never expires, and the bundle."""
    monkeypatch.chdir(tmp_path)
    Path("trust.json").write_bytes(signed(bundle(expires=NOW.replace(year=2100))))
    label = draw_label(tag_url(identity=replace(IDENTITY, expiry=None)))
    cv2.imwrite("photograph.jpg", label)
    writer = cv2.VideoWriter("shelf.avi", cv2.VideoWriter.fourcc(*"MJPG"), 10, label.shape[::-1])
    for _ in range(3):
        writer.write(cv2.cvtColor(label, cv2.COLOR_GRAY2BGR))
    writer.release()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("example", "printed"), list(zip(EXAMPLES, PRINTED, strict=True)))
def test_every_example_runs_and_says_what_it_should(
    example: str, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = example.replace("https://id.example.com", NOBODY)
    exec(compile(code, DOCUMENT.name, "exec"), {})  # the project's own document
    assert capsys.readouterr().out.startswith(printed)


@pytest.mark.usefixtures("folder")
def test_the_program_for_many_photographs_writes_a_line_for_each() -> None:
    (program,) = PROGRAMS
    Path("batch.py").write_text(program, encoding="utf-8")
    Path("spoilt.jpg").write_bytes(b"no picture at all")
    subprocess.run([sys.executable, "batch.py"], check=True, timeout=120)
    with Path("report.csv").open(encoding="utf-8", newline="") as file:
        found = {name: (code, text[:8]) for name, code, text in csv.reader(file)}
    assert found == {
        "photograph.jpg": ("SIGNATURE_ONLY", "HTTPS://"),
        "spoilt.jpg": ("IMAGE_FORMAT_UNSUPPORTED", ""),
    }
