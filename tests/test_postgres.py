from sqlalchemy import create_engine, text

from tests.postgres import PostgresServer


def test_each_test_gets_an_empty_database_on_a_real_server(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        version = connection.execute(text("SELECT version()")).scalar_one()
        tables = connection.execute(
            text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
        ).scalar_one()
    engine.dispose()
    assert version.startswith("PostgreSQL ")
    assert tables == 0


def test_two_databases_of_one_server_do_not_share_tables(postgres_server: PostgresServer) -> None:
    first, second = (create_engine(postgres_server.create_database()) for _ in range(2))
    with first.begin() as connection:
        connection.execute(text("CREATE TABLE only_here (id integer)"))
    with second.connect() as connection:
        found = connection.execute(text("SELECT to_regclass('only_here')")).scalar_one()
    first.dispose()
    second.dispose()
    assert found is None
