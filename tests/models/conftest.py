"""Databases that no test has touched, for what changes tables."""

import pytest
from sqlalchemy import text

from authserver.config import load
from authserver.models import migrations
from authserver.models.engines import Reads
from authserver.models.state import connection_to


@pytest.fixture
def settings_for(tmp_path):
    """Settings of a node whose database is at this URL."""

    def settings(url):
        return load(
            {
                "APP_ENV": "test",
                "AUTHSERVER_HOME": str(tmp_path),
                "DATABASE_URL": url,
                "ARGON2_MEMORY_KIB": "1024",
                "RATE_LIMITS": "off",
            }
        )

    return settings


@pytest.fixture
def fresh(database_kind, make_database, settings_for):
    """Settings of a node whose database is empty."""
    return settings_for(make_database(database_kind))


@pytest.fixture
def fresh_postgres(make_database, settings_for):
    """The same on PostgreSQL alone."""
    return settings_for(make_database("postgresql"))


@pytest.fixture
def upgraded(postgres, settings_for):
    """A PostgreSQL database at the last step, copied from one that was upgraded."""

    def bring_up(url):
        migrations.upgrade(settings_for(url))

    return settings_for(postgres.create_database("upgraded", prepare=bring_up))


@pytest.fixture
def reads(upgraded):
    """Single reads on PostgreSQL, with two connections."""
    reads = Reads(upgraded.database_url, pool_size=2)
    yield reads
    reads.engine.dispose()


@pytest.fixture
def run():
    """Run SQL, where {} stands for the schema: `run(settings, "DROP TABLE {}users")`."""

    def run(settings, *statements):
        place = "auth." if settings.database_url.startswith("postgresql") else ""
        with connection_to(settings) as connection, connection.begin():
            done = [
                connection.execute(text(s.replace("{}", place))) for s in statements
            ]
            return done[-1].all() if done[-1].returns_rows else None

    return run
