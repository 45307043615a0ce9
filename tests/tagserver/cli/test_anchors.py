"""`tagserver anchor`: as commands, with the journal, and with a node that does not answer."""

from tests.ports import free_port
from tests.tagserver.cli.conftest import Workspace


def test_the_journal_needs_nothing_and_is_called_self_attested(workspace: Workspace) -> None:
    assert workspace.run("anchor", "verify").err == "nothing is anchored yet\n"
    assert "never tried" in workspace.ok("anchor", "status")
    assert workspace.ok("anchor", "run") == "", "nothing is published yet"
    workspace.ok("log", "sequence")
    made = workspace.ok("anchor", "run")
    assert made.startswith("journal  size 2\tfinalized")
    shown = workspace.ok("anchor", "status")
    assert "self-attested: only that this server says so" in shown
    assert "journal  size 2\tfinalized" in shown
    for size in ((), ("--size", "1"), ("--size", "2")):
        assert "journal  size 2\tconfirmed, self-attested\ttoken or line" in workspace.ok(
            "anchor", "verify", *size
        )
    assert workspace.run("anchor", "verify", "--size", "3").status == 1


def test_a_journal_that_was_changed_is_not_confirmed(workspace: Workspace) -> None:
    workspace.ok("log", "sequence")
    workspace.ok("anchor", "run")
    file = workspace.home / "journal.jsonl"
    data = file.read_bytes()
    file.write_bytes(data.replace(b'{"at":"2', b'{"at":"1'))
    assert file.read_bytes() != data
    outcome = workspace.run("anchor", "verify")
    assert outcome.status == 1
    assert "NOT CONFIRMED" in outcome.out


def test_a_node_that_does_not_answer_is_an_alarm_and_stops_no_other_place(workspace: Workspace) -> None:
    address = workspace.ok("anchor", "key", "create", "vechain").split()[1]
    assert workspace.ok("anchor", "key", "list").split() == ["vechain-1", address]
    workspace.environ |= {
        "ORIGINTAG_VECHAIN_NODES": f"http://127.0.0.1:{free_port()}",
        "ORIGINTAG_VECHAIN_NETWORK": "test",
        "ORIGINTAG_VECHAIN_GENESIS": f"0x{'0a' * 32}",
    }
    workspace.ok("log", "sequence")
    done = workspace.run("anchor", "run")
    assert done.status == 1
    assert "NODE_UNAVAILABLE since" in done.err
    assert "journal  size 2\tfinalized" in done.out
    shown = workspace.run("anchor", "status")
    assert (shown.status, "NODE_UNAVAILABLE" in shown.err) == (1, True)


def test_settings_that_lack_something_are_refused_by_name(workspace: Workspace) -> None:
    workspace.environ["ORIGINTAG_EVM_NODES"] = "http://127.0.0.1:1"
    done = workspace.run("anchor", "run")
    assert done.status != 0
    assert "evm_genesis" in done.err
