"""Offices as in the services' tests, with a log that has begun."""

import pytest

from tests.tagserver.services.cast import Office
from tests.tagserver.services.conftest import (
    any_office,
    furnished,
    furnished_on_postgres,
    office,
    postgres_office,
)

__all__ = ["any_office", "furnished", "furnished_on_postgres", "office", "postgres_office"]


@pytest.fixture
def logged(office: Office) -> Office:
    """An office on SQLite whose log has begun."""
    office.services.logs.create()
    return office


@pytest.fixture
def any_logged(any_office: Office) -> Office:
    """An office on each database whose log has begun."""
    any_office.services.logs.create()
    return any_office
