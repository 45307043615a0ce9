"""The command `scanner`: pictures, a camera or texts in, verdicts out; the exit status tells the worst of them."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import click
from rich.console import Console

from scanner.annotation import annotated_png
from scanner.bulk import Judge, ListFormatError
from scanner.bulk.running import check_all, default_jobs
from scanner.camera import Rate, watch
from scanner.check import Checker, answer_to_proof
from scanner.decode import Knowledge, decode
from scanner.decoding import decode_all, pictures_of, readable_line
from scanner.errors import CameraError, ImageError, ProofFileUnreadableError, ScannerError
from scanner.images import DEFAULT_LIMITS, GrayImage, load_image, parse_image
from scanner.online import RefusedError, Server, ServerUrlError
from scanner.own_tags import knowledge_of
from scanner.proof import check_proof, load_proof
from scanner.proof_report import row_of_proof, show_proof
from scanner.report import Row, format_row, row_of_answer, show_answer, show_source
from scanner.symbol import Corners, Symbol
from scanner.trust import accept_update, load_trust, store_trust
from tagcore.errors import TrustError
from tagcore.reasons import Level

EXIT_NO_CODE = 3
EXIT_UNREADABLE = 4

_EXIT_STATUS = """\b
Exit status, the highest that holds:
   0  every code matches the producer's record
   2  wrong usage, or a trust file that cannot be used
   3  a picture without a code
   4  a picture, a proof file, or an item of a list, that cannot be read
  10  a code could not be checked fully
  20  a code is not one of ours
  30  caution
  40  suspect
  50  do not use"""


@click.group(epilog=_EXIT_STATUS)
@click.version_option(package_name="origintag", prog_name="scanner")
def main() -> None:
    """Read signed tags and weigh them: offline with pinned keys, online with the producer's record, or both."""


@dataclass(slots=True, kw_only=True)
class _Run:
    """One run of a command: what to check with, where to show it, and the worst so far."""

    checker: Checker
    as_json: bool
    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    status: int = 0
    levels: list[Level] = field(default_factory=list)
    """Of all codes so far, in their order."""

    def judge(self, text: str, symbol: Symbol | None = None) -> Row:
        """Check one code, show it to people, and return it for JSON."""
        answer = self.checker.check(text, datetime.now(UTC))
        self.status = max(self.status, answer.level.value)
        self.levels.append(answer.level)
        if not self.as_json:
            show_answer(self.console, text, answer, symbol)
        return row_of_answer(text, answer, symbol)

    def judge_proof(self, name: str, data: bytes) -> Row:
        """Check a proof file, and its code by the server too where there is one."""
        assert self.checker.trust is not None
        now = datetime.now(UTC)
        proof = check_proof(data, self.checker.trust, now)
        answer = answer_to_proof(proof, self.checker, now)
        self.status = max(self.status, answer.level.value)
        if not self.as_json:
            show_answer(self.console, proof.tag, answer)
            show_proof(self.console, proof)
        return row_of_answer(proof.tag, answer) | row_of_proof(name, proof)

    def knowledge(self) -> Knowledge | None:
        """What the pinned bundle tells a reader of damaged codes."""
        trust = self.checker.trust
        return knowledge_of(trust, datetime.now(UTC)) if trust else None

    def show_name(self, name: str, remark: str = "") -> None:
        if not self.as_json:
            show_source(self.console, name, remark)

    def put(self, row: Row) -> None:
        if self.as_json:
            click.echo(format_row(row))


_Command = TypeVar("_Command", bound=Callable[..., object])


def _asking(command: _Command) -> _Command:
    """The options that say what to check with."""
    command = click.option(
        "--unsafe-plain-http",
        is_flag=True,
        help="Ask a server on another machine without TLS; anybody on the way can then answer.",
    )(command)
    command = click.option("--server", metavar="URL", help="Ask this tag server for the record and history.")(
        command
    )
    return click.option(
        "--trust",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Check signatures with the producers' keys in this trust bundle; the file is the pin.",
    )(command)


def _checking(command: _Command) -> _Command:
    """The options of every command that checks codes one by one."""
    as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
    return _asking(as_json(command))


@contextmanager
def _checker(trust: Path | None, server: str | None, unsafe_plain_http: bool) -> Iterator[Checker]:
    with ExitStack() as stack:
        try:
            asked = (
                stack.enter_context(Server(server, unsafe_plain_http=unsafe_plain_http)) if server else None
            )
            bundle = load_trust(trust) if trust else None
        except ServerUrlError as error:
            raise click.BadParameter(str(error), param_hint="--server") from error
        except (ScannerError, TrustError) as error:
            raise click.BadParameter(str(error), param_hint="--trust") from error
        if trust is None and server is None:
            click.echo("Neither --trust nor --server is given: codes are read, not checked.", err=True)
        yield Checker(trust=bundle, server=asked)


@contextmanager
def _run(trust: Path | None, server: str | None, unsafe_plain_http: bool, as_json: bool) -> Iterator[_Run]:
    with _checker(trust, server, unsafe_plain_http) as checker:
        run = _Run(checker=checker, as_json=as_json)
        yield run
    sys.exit(run.status)


@main.command(epilog=_EXIT_STATUS)
@click.argument("images", nargs=-1, metavar="[IMAGE|-]...")
@click.option(
    "--camera", metavar="N",
    help="Watch camera N (0 is the first), an address (rtsp://…), or a video file; Ctrl-C ends it.",
)  # fmt: skip
@click.option("--beep", is_flag=True, help="With --camera: ring the terminal's bell at each code.")
@click.option("--annotate", metavar="OUT.png", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the picture, of which there is one, with each code's verdict drawn over it.")  # fmt: skip
@_checking
def scan(images: tuple[str, ...], camera: str | None, beep: bool, annotate: Path | None, trust: Path | None,
         server: str | None, unsafe_plain_http: bool, as_json: bool) -> None:  # fmt: skip
    """Read the codes in pictures (JPEG, PNG, WebP, HEIC; - is standard input) or before a camera, and check them."""
    if bool(images) == (camera is not None):
        raise click.UsageError("give pictures, or - for standard input, or --camera N")
    if annotate is not None and len(images) != 1:
        raise click.UsageError("--annotate takes one picture")
    with _run(trust, server, unsafe_plain_http, as_json) as run:
        if camera is not None:
            _watch(run, camera, beep=beep)
        for name in images:
            _scan(run, name, annotate)


def _scan(run: _Run, name: str, annotate: Path | None) -> None:
    try:
        picture = _picture(name)
        symbols = decode(picture, knowledge=run.knowledge())
    except ImageError as error:
        run.status = max(run.status, EXIT_UNREADABLE)
        run.show_name(name, str(error))
        run.put({"image": name, "error": {"code": error.code, "text": str(error)}, "symbols": []})
        return
    if not symbols:
        run.status = max(run.status, EXIT_NO_CODE)
    run.show_name(name, "" if symbols else "no code found")
    run.put({"image": name, "error": None, "symbols": [run.judge(s.text, s) for s in symbols]})
    if annotate is not None:
        levels = run.levels[len(run.levels) - len(symbols) :]
        _annotate(annotate, picture, [(s.corners, level) for s, level in zip(symbols, levels, strict=True)])


def _annotate(path: Path, picture: GrayImage, marks: list[tuple[Corners, Level]]) -> None:
    try:
        path.write_bytes(annotated_png(picture, marks))
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", param_hint="--annotate") from error


def _picture(name: str) -> GrayImage:
    if name != "-":
        return load_image(name)
    return parse_image(sys.stdin.buffer.read(DEFAULT_LIMITS.max_bytes + 1))


def _watch(run: _Run, camera: str, *, beep: bool) -> None:
    """Codes as they come into view; what is on standard error is for whoever holds the camera."""
    found, rate = 0, Rate()
    source = int(camera) if camera.isascii() and camera.isdigit() else camera
    try:
        for symbol in watch(source, knowledge=run.knowledge(), rate=rate):
            found += 1
            if beep:
                click.echo("\a", nl=False, err=True)
            run.put({"camera": camera, "symbols": [run.judge(symbol.text, symbol)]})
    except CameraError as error:
        raise click.BadParameter(str(error), param_hint="--camera") from error
    except KeyboardInterrupt:
        run.show_name(camera, "ended")
    click.echo(f"{found} codes in {rate.frames} frames, {rate.per_second:.1f} frames/s at the end", err=True)
    if not found:
        run.status = max(run.status, EXIT_NO_CODE)


@main.command(epilog=_EXIT_STATUS)
@click.argument("texts", nargs=-1, metavar="[URL]...")
@click.option("--proof", "proofs", metavar="FILE", multiple=True, type=click.Path(path_type=Path),
              help="Check this proof file and its code, offline; needs --trust. May be repeated.")  # fmt: skip
@_checking
def verify(texts: tuple[str, ...], proofs: tuple[Path, ...], trust: Path | None, server: str | None,
           unsafe_plain_http: bool, as_json: bool) -> None:  # fmt: skip
    """Check the texts of codes that something else has read, or proof files."""
    if not texts and not proofs:
        raise click.UsageError("give the texts of codes, or --proof FILE")
    if proofs and trust is None:
        raise click.UsageError("a proof is checked with pinned keys: give --trust FILE")
    with _run(trust, server, unsafe_plain_http, as_json) as run:
        for text in texts:
            run.put(run.judge(text))
        for path in proofs:
            run.put(_prove(run, path))


def _prove(run: _Run, path: Path) -> Row:
    """Check one proof file, and the code that it speaks of."""
    run.show_name(str(path))
    try:
        data = load_proof(path)
    except ProofFileUnreadableError as error:
        run.status = max(run.status, EXIT_UNREADABLE)
        run.show_name("", str(error))
        return {"proof": {"file": str(path)}, "error": {"code": error.code, "text": str(error)}}
    return run.judge_proof(str(path), data)


@main.command("bulk", epilog=_EXIT_STATUS)
@click.argument("source", metavar="LIST|FOLDER", type=click.Path(exists=True, path_type=Path))
@_asking
@click.option("--token", metavar="TOKEN", envvar="SCANNER_TOKEN", show_envvar=True,
              help="Of scope verify; --server needs one. A command line is seen by others.")  # fmt: skip
@click.option("--jobs", metavar="N", type=click.IntRange(1, 64), default=default_jobs, show_default="the processors",
              help="Pictures read at a time.")  # fmt: skip
@click.option("--out", metavar="REPORT.csv", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
              default=Path("-"), show_default="standard output", help="Where the report goes.")  # fmt: skip
def bulk(source: Path, trust: Path | None, server: str | None, unsafe_plain_http: bool, token: str | None,
         jobs: int, out: Path) -> None:  # fmt: skip
    """Check a list (.csv, .ndjson, .txt), or every code of every picture in a folder, and report each in a CSV."""
    if server and not token:
        raise click.UsageError("a server checks lists for a token alone: give --token or SCANNER_TOKEN")
    if out.exists() and out.samefile(source):
        raise click.UsageError("--out would replace the list itself")
    with _checker(trust, server, unsafe_plain_http) as checker:
        judge = Judge(trust=checker.trust, server=checker.server, token=token or "", run_id=uuid4().hex)
        try:
            tally = check_all(source, judge, out, jobs=jobs, now=datetime.now(UTC))
        except ListFormatError as error:
            raise click.UsageError(str(error)) from error
        except RefusedError as error:
            raise click.BadParameter(str(error), param_hint="--server, --token") from error
        except OSError as error:
            raise click.BadParameter(f"{out}: {error.strerror}", param_hint="--out") from error
    for line in tally.lines():
        click.echo(line, err=str(out) == "-")
    worst = max((level.value for level in tally.levels), default=0)
    sys.exit(max(worst, EXIT_UNREADABLE if tally.unreadable else 0, EXIT_NO_CODE if tally.empty else 0))


@main.command("decode")
@click.argument("sources", nargs=-1, required=True, metavar="IMAGE|FOLDER...",
                type=click.Path(path_type=Path))  # fmt: skip
@click.option("--all/--first", "find_all", default=True, show_default=True,
              help="Find every code of a picture, or stop at the first.")  # fmt: skip
@click.option("--jobs", metavar="N", type=click.IntRange(1, 64), default=1, show_default=True,
              help="Pictures read at a time.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object a picture, for programs.")
def decode_command(sources: tuple[Path, ...], find_all: bool, jobs: int, as_json: bool) -> None:
    """Read every QR code in pictures and folders, ours or not, and check none.

    Exit status: 0 all pictures have a code, 3 one has none, 4 one cannot be read.
    """
    status = 0
    for line in decode_all(pictures_of(sources), first=not find_all, jobs=jobs):
        status = max(status, EXIT_UNREADABLE if "error" in line else 0 if line["symbols"] else EXIT_NO_CODE)
        click.echo(format_row(line) if as_json else readable_line(line))
    sys.exit(status)


@main.group("trust")
def trust_group() -> None:
    """The pinned trust bundle."""


@trust_group.command("update")
@click.option("--trust", "path", metavar="FILE", required=True,
              type=click.Path(dir_okay=False, path_type=Path), help="The pinned bundle, to be replaced.")  # fmt: skip
@click.option("--server", metavar="URL", required=True, help="The tag server to ask.")
@click.option("--unsafe-plain-http", is_flag=True, help="Ask a server on another machine without TLS.")
def update(path: Path, server: str, unsafe_plain_http: bool) -> None:
    """Replace the bundle by the server's, if the same root key signed it and it is not older."""
    try:
        pinned = load_trust(path)
        with Server(server, unsafe_plain_http=unsafe_plain_http) as asked:
            data = asked.fetch_trust()
        accepted = accept_update(pinned, data)
        store_trust(path, data)
    except (ScannerError, TrustError, ServerUrlError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"Version {accepted.version}, good until {accepted.expires:%Y-%m-%d %H:%M} UTC (was {pinned.version})."
    )
