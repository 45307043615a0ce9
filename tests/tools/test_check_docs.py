from pathlib import Path

import pytest

from tools.check_docs import anchors, broken_links, main


def reasons(folder: Path, text: str) -> list[str]:
    (folder / "page.md").write_text(text)
    return [link.reason for link in broken_links(folder)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "other page.md").write_text(
        "# Other\n\n## A `code` heading, twice\n\n## Twice\n## Twice\n"
    )
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        "[a file](docs/other%20page.md)",
        "[a folder](docs)",
        "[a heading](docs/other%20page.md#a-code-heading-twice)",
        "[the second of its name](docs/other%20page.md#twice-1)",
        "# Here\n[a heading here](#here)",
        "[the web](https://example.com/nothing) and [mail](mailto:someone@example.com)",
        "`[code](nothing.md)` and\n```\n[a block](nothing.md)\n```\n<!-- [a comment](nothing.md) -->",
        '<a id="by-hand"></a> [an anchor made by hand](#by-hand)',
    ],
)
def test_accepts_a_link_that_leads_somewhere(project: Path, text: str) -> None:
    assert reasons(project, text) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[a file](docs/none.md)", "no such file"),
        ("![a picture](none.png)", "no such file"),
        ('[a titled link](none.md "title")', "no such file"),
        ("[by label][1]\n\n[1]: none.md", "no such file"),
        ('<img src="none.png" alt="">', "no such file"),
        ("[a heading](docs/other%20page.md#none)", "no such heading"),
        ("[a heading here](#none)", "no such heading"),
        ("```\n# Here\n```\n[a heading in code](#here)", "no such heading"),
        ("[elsewhere](../elsewhere.md)", "leads out of the project"),
        ("[from the root](/docs)", "leads out of the project"),
    ],
)
def test_refuses_a_link_that_leads_nowhere(project: Path, text: str, reason: str) -> None:
    assert reasons(project, text) == [reason]


def test_names_the_document_and_the_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "page.md").write_text("one\n\n```\ncode\n```\nsee [x](none.md)\n")
    assert main([str(project)]) == 1
    assert capsys.readouterr().out == "page.md:6: none.md: no such file\n"


def test_says_nothing_of_a_sound_project(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(project)]) == 0
    assert capsys.readouterr().out == ""


def test_makes_anchors_of_headings_as_github_does() -> None:
    assert anchors("# 1. What a *tag* is\n## `GET /01/…`\n## 防伪 码") == {
        "1-what-a-tag-is",
        "get-01",
        "防伪-码",
    }
