from tests.tagserver.cli.conftest import Outcome, Workspace

ADA = "ada@example.com"


def created(workspace: Workspace, login: str = ADA) -> Outcome:
    return workspace.run("user", "create", login, "--org", "distillery", "--name", "Ada Li")


def listed(workspace: Workspace, *more: str) -> list[list[str]]:
    return [line.split("\t") for line in workspace.ok("user", "list", *more).splitlines()]


def test_a_new_account_gets_a_link_on_a_line_of_its_own(workspace: Workspace) -> None:
    outcome = created(workspace)
    assert outcome.status == 0
    address, _, token = outcome.out.strip().rpartition("/")
    assert address == "https://id.example.com/console/set-up"
    assert len(token) == 43
    assert outcome.err == f"for {ADA} alone: good once, for 48 hours; not shown again\n"


def test_making_accounts_needs_no_secret_of_the_server(workspace: Workspace) -> None:
    del workspace.environ["ORIGINTAG_SECRET"]
    assert created(workspace).status == 0
    assert workspace.run("user", "reset", ADA).status == 0


def test_a_login_that_is_taken_or_no_address_is_refused(workspace: Workspace) -> None:
    created(workspace)
    for login, code in ((ADA.upper(), "ALREADY_EXISTS"), ("ada", "INPUT_INVALID")):
        outcome = created(workspace, login)
        assert outcome.status == 1
        assert outcome.err.startswith(code)
        assert outcome.out == ""


def test_accounts_are_listed_with_their_state(workspace: Workspace) -> None:
    created(workspace)
    created(workspace, "bo@example.com")
    assert workspace.ok("user", "disable", "Bo@example.com") == "bo@example.com disabled\n"
    rows = listed(workspace)
    assert [row[1:] for row in rows] == [
        [ADA, "distillery", "Ada Li", "not set up", "never"],
        ["bo@example.com", "distillery", "Ada Li", "disabled", "never"],
    ]
    assert listed(workspace, "--org", "distillery") == rows
    assert listed(workspace, "--org", "clinic") == []
    assert workspace.ok("user", "enable", "bo@example.com") == "bo@example.com enabled\n"
    assert listed(workspace)[1][4] == "not set up"


def test_listing_names_an_organisation_that_is_none(workspace: Workspace) -> None:
    assert workspace.run("user", "list", "--org", "nobody").err.startswith("NOT_FOUND")


def test_a_reset_prints_another_link(workspace: Workspace) -> None:
    first = created(workspace).out
    second = workspace.run("user", "reset", ADA, "--forget-totp")
    assert second.status == 0
    assert second.out.startswith("https://id.example.com/console/set-up/")
    assert second.out != first
    assert workspace.run("user", "reset", "nobody@example.com").err.startswith("NOT_FOUND")


def test_what_was_done_to_accounts_is_in_the_trail(workspace: Workspace) -> None:
    created(workspace)
    workspace.ok("user", "disable", ADA)
    account_id = listed(workspace)[0][0]
    trail = workspace.ok("trail", "--limit", "2")
    assert [line.split("\t")[1:4] for line in trail.splitlines()] == [
        ["operator", "user.disable", account_id],
        ["operator", "user.create", account_id],
    ]


def test_contact_data_of_reports_are_forgotten_by_command(workspace: Workspace) -> None:
    assert workspace.ok("reports", "forget") == "0 reports\n"
