import re

from tagcore.gs1 import parse_gtin
from tagserver.bootstrap import open_services
from tagserver.config import load_settings
from tests.tagserver.cli.conftest import GTIN, SECRETS, Workspace


def test_organisations_are_listed_with_what_they_own(workspace: Workspace) -> None:
    gtin = "09521234543213"
    workspace.ok("org", "create", "single", "--name", "One", "--role", "producer", "--gtin", "9521234543213")
    lines = workspace.ok("org", "list").splitlines()
    assert lines == [
        "clinic\thospital\tThe clinic\t",
        "distillery\tproducer\tThe distillery\t9506000",
        f"single\tproducer\tOne\t{gtin}",
    ]


def test_a_producers_tags_name_the_workspaces_host_or_its_own(workspace: Workspace) -> None:
    create = ("org", "create", "own", "--name", "Own", "--role", "producer", "--host", "tags.example.org")
    workspace.ok(*create)
    with open_services(load_settings(workspace.home, SECRETS)) as services:
        hosts = {found.id: found.hosts for found in services.access.organisations()}
    assert hosts == {"clinic": (), "distillery": ("ID.EXAMPLE.COM",), "own": ("TAGS.EXAMPLE.ORG",)}


def test_a_token_is_printed_once_and_then_only_its_id(workspace: Workspace) -> None:
    create = ("token", "create", "distillery", "--name", "press", "--scope", "batches", "--scope", "labels")
    text = workspace.ok(*create, "--days", "30").strip()
    assert re.fullmatch(r"ot_[0-9a-f]{16}_[0-9a-f]{64}", text)
    _, token_id, secret = text.split("_")
    listed = workspace.ok("token", "list", "distillery")
    assert listed.startswith(f"{token_id}\tpress\tbatches,labels\t")
    shown = listed + workspace.ok("trail") + workspace.ok("org", "list")
    stored = b"".join(path.read_bytes() for path in workspace.home.rglob("*") if path.is_file())
    assert secret not in shown
    assert secret.encode() not in stored
    assert bytes.fromhex(secret) not in stored
    with open_services(load_settings(workspace.home, SECRETS)) as services:
        assert services.access.authenticate(text).org_id == "distillery"


def test_a_revoked_token_is_listed_as_such(workspace: Workspace) -> None:
    text = workspace.ok("token", "create", "clinic", "--name", "x", "--scope", "events").strip()
    token_id = text.split("_")[1]
    assert workspace.ok("token", "revoke", token_id) == f"{token_id} revoked\n"
    assert "\trevoked 20" in workspace.ok("token", "list", "clinic")


def test_products_are_registered_by_any_length_of_gtin_and_listed(workspace: Workspace) -> None:
    assert workspace.ok("product", "create", "9506000134369", "--org", "distillery", "--name", "Box") == (
        "09506000134369\n"
    )
    more = ("--market", "cn", "--market", "FR", "--description", "d", "--instructions", "i")
    workspace.ok("product", "create", "9506000134376", "--org", "distillery", "--name", "Miniature", *more)
    assert workspace.ok("product", "list", "distillery").splitlines() == [
        f"{GTIN}\tBaijiu 52 %\t500 ml",
        "09506000134369\tBox\t",
        "09506000134376\tMiniature\t",
    ]
    with open_services(load_settings(workspace.home, SECRETS)) as services:
        assert services.products.find(parse_gtin("09506000134376")).markets == ("CN", "FR")


def test_a_gtin_of_another_owner_is_refused(workspace: Workspace) -> None:
    outcome = workspace.run("product", "create", "9521234543213", "--org", "distillery", "--name", "x")
    assert outcome.err == "NOT_YOURS: GTIN 09521234543213 is under none of your company prefixes\n"


def test_the_audit_trail_is_shown_newest_first_and_filtered(workspace: Workspace) -> None:
    lines = [line.split("\t")[1:4] for line in workspace.ok("trail").splitlines()]
    assert lines == [
        ["distillery", "product.create", GTIN],
        ["operator", "trust.sign", "1"],
        ["operator", "key.create", "distillery-0"],
        ["operator", "org.create", "clinic"],
        ["operator", "org.create", "distillery"],
        ["operator", "log.create", "id.example.com/log"],
    ]
    assert len(workspace.ok("trail", "--limit", "2").splitlines()) == 2
    assert len(workspace.ok("trail", "--org", "distillery").splitlines()) == 1
    assert len(workspace.ok("trail", "--action", "org.create").splitlines()) == 2
