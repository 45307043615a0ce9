"""Every error is one line `CODE: text`, with exit status 1; a wrong use is click's, with 2."""

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from tagserver.cli.main import cli
from tests.tagserver.cli.conftest import GTIN, Workspace


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("key create nobody", "NOT_FOUND: no organisation 'nobody'"),
        ("key create clinic", "ROLE_MISSING: clinic is no producer: it has nothing to sign"),
        ("key revoke none-0 --yes", "NOT_STORED: no issuer key 'none-0'"),
        ("token create clinic --name x --scope batches", "SCOPE_MISSING: a hospital cannot have: batches"),
        ("token revoke none", "NOT_STORED: no token 'none'"),
        ("batch show 9", "NOT_FOUND: no batch 9"),
        ("labels 9 --out x.pdf", "NOT_FOUND: no batch 9"),
        ("event batch 9 activate", "NOT_FOUND: no batch 9"),
        (f"event unit {GTIN} NONE dispense --org clinic", f"NOT_FOUND: no unit NONE of GTIN {GTIN}"),
        ("recall lift none --org distillery", "NOT_FOUND: no recall 'none'"),
        (
            f"recall order {GTIN} --lot NONE --reason x",
            f"NOT_FOUND: no tags of product {GTIN} have the lot 'NONE'",
        ),
        (
            f"issue --product {GTIN} --count 3 --expiry 261301",
            "GS1_SYNTAX: expiry 261301 is not a day of the calendar",
        ),
        (f"issue --product {GTIN} --count 3 --start 99", "LABEL_SHEET_INVALID: got start 99, want 1 to 24"),
        (
            f"product create {GTIN} --org distillery --name x",
            f"ALREADY_EXISTS: product '{GTIN}' already exists",
        ),
        (
            "org create UPPER --name x --role producer",
            "INPUT_INVALID: id: got 'UPPER', want 1 to 40 of a-z, 0-9 and '-', no '-' in front",
        ),
    ],
)
def test_what_is_refused_is_said_in_one_line(workspace: Workspace, command: str, line: str) -> None:
    outcome = workspace.run(*command.split())
    assert (outcome.status, outcome.out, outcome.err) == (1, "", f"{line}\n")


@pytest.mark.parametrize(
    "command",
    [
        f"issue --product {GTIN}",
        f"issue --product {GTIN} --count 0",
        f"issue --product {GTIN} --count 3 --out labels.docx",
        f"issue --product {GTIN} --count 3 --out labels.svg",
        f"issue --product {GTIN} --count 3 --out no/such/folder/labels.pdf",
        f"issue --product {GTIN} --count 3 --serials nowhere.csv",
        "issue --product 123 --count 3",
        "labels 1",
        f"event unit {GTIN} A vanish --org clinic",
        "key create distillery --days 0",
        "key create distillery --days 99999999",
        "token create clinic --name x",
        "nonsense",
    ],
)
def test_a_wrong_use_is_told_by_the_parser_before_anything_happens(
    workspace: Workspace, command: str
) -> None:
    outcome = workspace.run(*command.split())
    assert (outcome.status, outcome.out) == (2, "")
    assert "Error: " in outcome.err
    assert workspace.ok("batch", "list", "distillery") == ""


def test_without_a_workspace_the_command_says_where_it_looked(tmp_path: Path) -> None:
    outcome = Workspace(home=tmp_path).run("org", "list")
    assert outcome.err == f"CONFIG_FILE: {tmp_path}/origintag.toml is missing: is this a workspace?\n"


def test_an_unknown_stock_is_told_with_those_that_there_are(workspace: Workspace) -> None:
    outcome = workspace.run("issue", "--product", GTIN, "--count", "3", "--stock", "none")
    assert outcome.status == 1
    assert outcome.err.startswith("INPUT_INVALID: no label stock 'none'; there are avery-l7159, ")


def test_without_home_the_command_says_how_to_name_one(workspace: Workspace) -> None:
    outcome = CliRunner().invoke(cli, ["org", "list"], env={"ORIGINTAG_HOME": None})
    assert outcome.exit_code == 1
    assert outcome.stderr == "CONFIG_MISSING: home: say where the workspace is: set ORIGINTAG_HOME\n"


def test_without_the_passphrase_the_command_says_which_variable_it_wants(workspace: Workspace) -> None:
    del workspace.environ["ORIGINTAG_PASSPHRASE"]
    outcome = workspace.run("org", "list")
    assert outcome.status == 1
    assert outcome.err.startswith("CONFIG_SECRET_MISSING: passphrase: is not set")
    assert outcome.err.count("\n") == 1


def test_a_wrong_passphrase_is_said_without_a_word_of_it(workspace: Workspace) -> None:
    workspace.environ["ORIGINTAG_PASSPHRASE"] = "wrong horse battery staple"
    outcome = workspace.run("org", "list")
    assert outcome.err == "KEYSTORE_WRONG_PASSPHRASE: the passphrase does not open this keystore\n"


def test_a_database_without_a_schema_is_not_mistaken_for_an_outage(workspace: Workspace) -> None:
    for path in workspace.home.glob("origintag.db*"):
        path.unlink()
    outcome = workspace.run("org", "list")
    assert outcome.err.startswith("STORE_VERSION: database schema: got no schema, want ")


def test_a_database_of_a_later_program_is_refused(workspace: Workspace) -> None:
    with sqlite3.connect(workspace.home / "origintag.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert workspace.run("org", "list").err.startswith("STORE_VERSION: database schema: got 9999, want ")


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("sqlite:////nowhere/at/all/x.db", "STORE_UNAVAILABLE: the database does not answer"),
        ("postgresql://user:hunter2@/x?host=/nowhere", "STORE_UNAVAILABLE: the database does not answer"),
        (
            "mysql://user:hunter2@host/x",
            "CONFIG_INVALID: database_url: want sqlite:///PATH or postgresql://USER:",
        ),
        ("hunter2", "CONFIG_INVALID: database_url: want sqlite:///PATH or postgresql://USER:"),
        ("sqlite://", "CONFIG_INVALID: database_url: want sqlite:///PATH or postgresql://USER:"),
    ],
)
def test_a_database_that_is_none_or_away_is_said_without_its_password(
    workspace: Workspace, url: str, line: str
) -> None:
    workspace.environ["ORIGINTAG_DATABASE_URL"] = url
    outcome = workspace.run("org", "list")
    assert outcome.status == 1
    assert outcome.err.startswith(line)
    assert "hunter2" not in outcome.err


def test_the_real_command_ends_with_one_line_and_status_1(workspace: Workspace) -> None:
    outcome = workspace.process("batch", "show", "9")
    assert (outcome.status, outcome.out, outcome.err) == (1, "", "NOT_FOUND: no batch 9\n")


def test_a_reader_that_goes_away_is_no_error_message(workspace: Workspace) -> None:
    workspace.ok("trust", "sign")
    process = workspace.start("trust", "show")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr as err:
        assert err.read() == ""
    assert process.wait(60) == 1
