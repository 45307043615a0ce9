"""A real time-stamping authority of the tests' own: `openssl ts` behind a small HTTP server."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.parts import require_part

POLICY = "1.3.6.1.4.1.13762.3"

# No `certs`: an extra certificate makes an unordered set, which DER does not allow and strict readers refuse.
CONFIGURATION = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = {policy}
digests = sha256, sha384, sha512
ordering = yes
tsa_name = no
ess_cert_id_chain = no
"""

EXTENSIONS = """
[tsa]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[server]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = critical,serverAuth
"""


@dataclass(kw_only=True)
class Authority:
    """Its files, and its address while it is served. `queries` are those that it answered."""

    folder: Path
    port: int = 0
    is_down: bool = False
    queries: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where to ask."""
        return f"http://127.0.0.1:{self.port}/tsr"

    @property
    def root(self) -> Path:
        """The root's certificate, PEM."""
        return self.folder / "root.pem"

    def reply(self, query: bytes, *, policy: str | None = None) -> bytes:
        """An answer to a query, DER."""
        (self.folder / "query").write_bytes(query)
        option = ["-tspolicy", policy] if policy else []
        openssl(
            self.folder, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply", *option
        )
        return (self.folder / "reply").read_bytes()


def openssl(folder: Path, *arguments: str) -> None:
    """Run openssl there."""
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def establish(folder: Path, *, days: int = 3650, purpose: str = "tsa") -> Authority:
    """A root, and an authority's certificate under it."""
    require_part(shutil.which("openssl") is not None, "openssl", "apt-get install openssl")
    (folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=folder, policy=POLICY))
    (folder / "extensions.cnf").write_text(EXTENSIONS)
    (folder / "serial").write_text("01\n")
    new_key = ["-newkey", "rsa:2048", "-nodes"]
    openssl(
        folder, "req", "-x509", *new_key, "-subj", "/CN=Test root", "-days", str(days), "-keyout", "root.key",
        "-out", "root.pem",
    )  # fmt: skip
    openssl(folder, "req", *new_key, "-subj", "/CN=Test TSA", "-keyout", "tsa.key", "-out", "tsa.csr")
    openssl(
        folder, "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
        "-days", str(days), "-extfile", "extensions.cnf", "-extensions", purpose, "-out", "tsa.pem",
    )  # fmt: skip
    return Authority(folder=folder)


@contextmanager
def serving(authority: Authority) -> Iterator[Authority]:
    """The authority behind HTTP (RFC 3161, 3.4), until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            if authority.is_down:
                self.send_error(503)
                return
            answer = authority.reply(query)
            authority.queries.append(query)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Nothing to say."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        authority.port = server.server_port
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield authority
        finally:
            server.shutdown()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """An authority for the whole run."""
    with serving(establish(tmp_path_factory.mktemp("tsa"))) as found:
        yield found
