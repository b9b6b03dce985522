"""The steps make the tables of `authserver/models`, once, whoever runs them."""

import json
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, make_url
from sqlalchemy.schema import BLANK_SCHEMA

from authserver.errors import ConfigError
from authserver.models import Base, migrations
from authserver.models.state import VERSION_TABLE, Kind, connection_to, folder

ALL = list(migrations.revisions())


def test_every_step_is_named_by_its_number():
    """What is waiting is read from the names of the files, without Alembic."""
    config = migrations.alembic_config(dialect="sqlite")
    steps = ScriptDirectory.from_config(config).walk_revisions()
    chain = [(step.revision, step.down_revision) for step in reversed(list(steps))]
    assert chain == list(zip(ALL, [None, *ALL], strict=False))


def test_an_empty_database_is_brought_to_the_last_step(fresh):
    assert migrations.state(fresh).kind is Kind.EMPTY
    assert migrations.upgrade(fresh) == ALL
    assert migrations.state(fresh).is_current
    migrations.require_current(fresh)


def test_the_second_upgrade_finds_nothing_to_do(fresh, run):
    migrations.upgrade(fresh)
    run(fresh, "DELETE FROM {}roles WHERE name = 'editor'")
    assert migrations.upgrade(fresh) == []
    assert run(fresh, "SELECT count(*) FROM {}roles") == [(3,)]


def at_once(works):
    """Do all of them at one moment; give what they gave, or the fault they met."""
    barrier = threading.Barrier(len(works))

    def start(work):
        barrier.wait()
        try:
            return work()
        except ConfigError as fault:
            return str(fault)

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(start, works))


def test_of_eight_nodes_that_upgrade_at_once_one_runs_the_steps(fresh, monkeypatch):
    """The lock in the database alone must do: other nodes do not know ours."""
    monkeypatch.setattr(migrations, "ALONE", nullcontext())
    done = at_once([partial(migrations.upgrade, fresh)] * 8)
    assert sorted(done) == [*([[]] * 7), ALL]


def test_several_databases_may_be_upgraded_in_one_process(settings_for, make_database):
    """Alembic keeps what it does in variables of its modules."""
    nodes = [settings_for(make_database("sqlite")) for _ in range(6)]
    done = at_once([partial(migrations.upgrade, node) for node in nodes])
    assert done == [ALL] * 6


def test_models_and_steps_agree(fresh):
    """Alembic finds nothing that it would change."""
    migrations.upgrade(fresh)
    with connection_to(fresh) as connection:
        assert compare_metadata(*looked_at(connection)) == []


def looked_at(connection):
    is_postgres = connection.dialect.name == "postgresql"
    expected, schema = Base.metadata, "auth" if is_postgres else None
    if is_postgres:
        # The search path makes `auth` the default schema, which Alembic calls None.
        connection.dialect.default_schema_name = "public"
    else:
        expected = MetaData(naming_convention=Base.metadata.naming_convention)
        for table in Base.metadata.sorted_tables:
            table.to_metadata(
                expected, schema=None, referred_schema_fn=lambda *_: BLANK_SCHEMA
            )
    context = MigrationContext.configure(
        connection,
        opts={
            "target_metadata": expected,
            "version_table": VERSION_TABLE,
            "version_table_schema": schema,
            "include_schemas": is_postgres,
            "include_name": partial(is_ours, schema),
        },
    )
    return context, expected


def is_ours(schema, name, kind, _parents):
    """Leave aside other schemas, and what only PostgreSQL has and no model can say."""
    if kind == "schema":
        return name == schema
    return name != "ix_users_searched"


def test_a_step_that_fails_leaves_nothing_behind(fresh, run, monkeypatch):
    def fall(connection):
        run_steps(connection)
        connection.exec_driver_sql("SELECT nonsense")

    run_steps = migrations.run_steps
    monkeypatch.setattr(migrations, "run_steps", fall)
    with pytest.raises(ConfigError, match="nonsense"):
        migrations.upgrade(fresh)
    assert migrations.state(fresh).kind is Kind.EMPTY


# -- What the steps leave


def test_four_roles_stand_with_their_permissions(fresh, run):
    migrations.upgrade(fresh)
    rows = run(fresh, "SELECT name, permissions, is_system_role FROM {}roles")
    lists = {
        name: set(json.loads(held) if isinstance(held, str) else held)
        for name, held, _ in rows
    }
    assert all(is_system for _, _, is_system in rows)
    assert lists["user"] < lists["editor"] < lists["admin"] < lists["super_admin"]
    for permission in lists["super_admin"]:
        resource, action = permission.split(":")
        assert resource.isidentifier()
        assert action.isidentifier()
    assert "roles:assign_admin" not in lists["admin"]


def test_there_is_a_first_institution(fresh, run):
    migrations.upgrade(fresh)
    assert run(fresh, "SELECT code FROM {}institutions") == [("default",)]


def test_postgresql_draws_ids_and_folds_the_case_of_addresses(fresh_postgres, run):
    """As the seeds ask: uuid_generate_v4() by the database, citext for addresses."""
    migrations.upgrade(fresh_postgres)
    found = run(
        fresh_postgres,
        "INSERT INTO {}users (email) VALUES ('É@x.example')",
        "SELECT substr(id::text, 15, 1) FROM {}users WHERE email = 'é@X.example'",
    )
    assert found == [("4",)]  # the version of the UUID


def test_resets_of_passwords_are_a_view(fresh, run):
    """C21: one table of one-time secrets, and S2's name for some of its rows."""
    migrations.upgrade(fresh)
    make = (
        "INSERT INTO {{}}verification_tokens "
        "(id, user_id, token, token_hash, token_type, expires_at) VALUES "
        "('{0}', '{1}', '{0}', '{0}', '{2}', '2030-01-01')"
    )
    user, reset, other = (letter * 32 for letter in "abc")
    found = run(
        fresh,
        f"INSERT INTO {{}}users (id, email) VALUES ('{user}', 'a@x.example')",
        make.format(reset, user, "password_reset"),
        make.format(other, user, "magic_link"),
        "SELECT token FROM {}password_resets",
    )
    assert found == [(reset,)]


def test_the_embedded_file_is_its_owners_alone(settings_for, tmp_path):
    path = tmp_path / "var" / "deep" / "authserver.db"
    migrations.upgrade(settings_for(f"sqlite:///{path}"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


# -- As SQL


@pytest.mark.parametrize("start", [None, ALL[0]])
def test_the_sql_that_is_printed_does_the_same(fresh, start):
    """A file for somebody who may not let a program change tables."""
    if start:
        run_script(fresh, migrations.script(dialect_of(fresh), start=None), upto=start)
    run_script(fresh, migrations.script(dialect_of(fresh), start=start))
    assert migrations.state(fresh).is_current
    with connection_to(fresh) as connection:
        assert compare_metadata(*looked_at(connection)) == []


def dialect_of(settings):
    return make_url(settings.database_url).get_backend_name()


def run_script(settings, script, upto=None):
    """Run it as psql and sqlite3 would; up to the step after `upto`, if asked."""
    if upto:
        script = script.partition(f"-- Running upgrade {upto} ->")[0] + "COMMIT;"
    with connection_to(settings) as connection:
        raw = connection.connection.driver_connection
        if dialect_of(settings) == "sqlite":
            raw.executescript(script)
        else:
            raw.autocommit = True
            raw.cursor().execute(script)


def test_the_schema_file_is_what_the_steps_make():
    """`make generate` writes it."""
    kept = (folder() / "schema.sql").read_text(encoding="utf-8")
    assert kept == migrations.script("postgresql")


def test_the_steps_lie_beside_the_package_or_in_it():
    assert Path(folder()).name in ("migrations_disabled", "_migrations")


def test_a_client_that_goes_finds_its_rows_by_an_index():
    """Anybody may register and go again (RFC 7592 §2.3); nobody shall wait for that."""
    for table in Base.metadata.sorted_tables:
        ways = {next(iter(index.columns)).name for index in table.indexes}
        ways |= {next(iter(table.primary_key.columns)).name}
        for reference in table.foreign_keys:
            if reference.column.table.name == "clients":
                assert reference.parent.name in ways, (table.name, reference.parent)
