import json
from pathlib import Path

from bench.figure import Figure
from bench.results import read_results, replace_results, write_results


def a_figure(name: str, value: float) -> Figure:
    return Figure(figure=name, value=value, unit="tags/s", against="the naive way")


def test_a_line_holds_just_the_four_published_fields(tmp_path: Path) -> None:
    write_results(tmp_path / "results.jsonl", [a_figure("speed", 2.5)])
    [line] = (tmp_path / "results.jsonl").read_text().splitlines()
    assert json.loads(line) == {"figure": "speed", "value": 2.5, "unit": "tags/s", "against": "the naive way"}


def test_a_whole_run_forgets_figures_that_are_no_longer_measured(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    write_results(path, [a_figure("old", 1)])
    write_results(path, [a_figure("new", 2)])
    assert read_results(path) == [a_figure("new", 2)]


def test_a_run_of_one_bench_keeps_the_figures_of_the_others(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    write_results(path, [a_figure("speed", 1), a_figure("size", 1)])
    replace_results(path, [a_figure("speed", 3), a_figure("memory", 4)])
    assert read_results(path) == [a_figure("speed", 3), a_figure("size", 1), a_figure("memory", 4)]


def test_the_first_run_needs_no_file(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    replace_results(path, [a_figure("speed", 1)])
    assert read_results(path) == [a_figure("speed", 1)]
