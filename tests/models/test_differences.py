"""`db verify` sees each way in which a database can stray from what is expected."""

import pytest

from authserver.models import migrations
from authserver.models.differences import Weight, compare
from authserver.models.state import connection_to

MISSING, WRONG, NOTE = Weight.MISSING, Weight.WRONG, Weight.NOTE
EMPLOY = "INSERT INTO {}users (id, email, username) VALUES "
ADA, BOB = (f"('{letter * 32}', '{letter}@x.example', " for letter in "ab")


def found(settings):
    with connection_to(settings) as connection:
        return compare(connection)


def places(settings):
    return {(d.weight, d.table, d.column): d.what for d in found(settings)}


def test_after_an_upgrade_there_is_none(fresh):
    migrations.upgrade(fresh)
    assert found(fresh) == []


@pytest.mark.parametrize(
    ("change", "weight", "table", "column"),
    [
        ("DROP TABLE {}rate_limits", MISSING, "rate_limits", None),
        ("DROP VIEW {}password_resets", MISSING, "password_resets", None),
        ("DROP INDEX {}ix_outbox_due", MISSING, "outbox", None),
        ("ALTER TABLE {}users DROP COLUMN profile", MISSING, "users", "profile"),
        ("CREATE TABLE {}more (id integer)", NOTE, "more", None),
        ("ALTER TABLE {}users ADD COLUMN more integer", NOTE, "users", "more"),
        (
            "ALTER TABLE {}users ADD COLUMN more integer NOT NULL DEFAULT 1",
            NOTE,
            "users",
            "more",
        ),
    ],
)
def test_on_both_databases(fresh, run, change, weight, table, column):
    migrations.upgrade(fresh)
    run(fresh, change)
    assert list(places(fresh)) == [(weight, table, column)]


def test_a_column_of_another_type_on_sqlite(settings_for, make_database, run):
    fresh = settings_for(make_database("sqlite"))
    migrations.upgrade(fresh)
    run(
        fresh,
        "ALTER TABLE rate_limits RENAME COLUMN count TO old",
        "ALTER TABLE rate_limits ADD COLUMN count TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE rate_limits DROP COLUMN old",
    )
    assert places(fresh) == {(WRONG, "rate_limits", "count"): "is TEXT, not INTEGER"}


def alter(column, what, *, table="users"):
    return f"ALTER TABLE auth.{table} ALTER COLUMN {column} {what}"


@pytest.mark.parametrize(
    ("weight", "table", "column", "changes"),
    [
        # -- What would fail or decide wrongly
        (WRONG, "users", "password_hash", [alter("password_hash", "TYPE varchar(60)")]),
        (WRONG, "users", "email", [alter("email", "TYPE text")]),
        (WRONG, "users", "mfa_backup_codes", [alter("mfa_backup_codes", "TYPE text")]),
        (WRONG, "users", "status", [
            "CREATE TYPE mood AS ENUM ('active')",
            alter("status", "DROP DEFAULT, ALTER status TYPE mood USING status::mood"),
        ]),
        (WRONG, "users", "language", [
            alter("language", "DROP NOT NULL"),
            f"{EMPLOY} {ADA} 'ada')",
            "UPDATE auth.users SET language = NULL",
        ]),
        (WRONG, "users", "more", ["ALTER TABLE auth.users ADD more int NOT NULL"]),
        (WRONG, "users", "username", [
            alter("username", "TYPE varchar"),
            f"{EMPLOY} {ADA} 'ada'), {BOB} 'Ada')",
        ]),
        (WRONG, "rate_limits", None, [
            "ALTER TABLE auth.rate_limits DROP CONSTRAINT pk_rate_limits"
        ]),
        (WRONG, "users", None, [
            "ALTER TABLE auth.users DROP CONSTRAINT uq_users_phone",
            f"{EMPLOY} {ADA} 'ada'), {BOB} 'bob')",
            "UPDATE auth.users SET phone = '+5511999999999'",
        ]),
        # -- What can be added
        (MISSING, "users", None, ["ALTER TABLE auth.users DROP CONSTRAINT uq_users_email"]),
        (MISSING, "roles", "id", [alter("id", "DROP DEFAULT", table="roles")]),
        (MISSING, "sessions", "ip_address", [
            alter("ip_address", "SET NOT NULL", table="sessions")
        ]),
        # -- What does as well
        (NOTE, "users", "username", [alter("username", "TYPE varchar")]),
        (NOTE, "users", "full_name", [alter("full_name", "TYPE varchar(255)")]),
        (NOTE, "users", "language", [alter("language", "DROP NOT NULL")]),
        (NOTE, "users", "locked_until", [
            alter("locked_until", "TYPE timestamp(3) without time zone")
        ]),
        (NOTE, "login_history", "id", [alter("id", "TYPE int", table="login_history")]),
    ],
)  # fmt: skip
def test_on_postgresql(upgraded, run, weight, table, column, changes):
    run(upgraded, *changes)
    assert worst(found(upgraded)) == {(weight, table, column)}


def worst(differences):
    """What weighs most, since a name of another type may also hold other values."""
    order = [NOTE, MISSING, WRONG]
    most = max((d.weight for d in differences), key=order.index)
    return {(d.weight, d.table, d.column) for d in differences if d.weight is most}


def test_a_unique_index_is_as_good_as_a_constraint(upgraded, run):
    run(
        upgraded,
        "ALTER TABLE auth.users DROP CONSTRAINT uq_users_email",
        "CREATE UNIQUE INDEX ON auth.users (email)",
    )
    assert found(upgraded) == []
    run(
        upgraded,
        "DROP INDEX auth.users_email_idx",
        "CREATE UNIQUE INDEX ON auth.users (email) WHERE deleted_at IS NULL",
    )
    assert list(places(upgraded)) == [(MISSING, "users", None)]


def test_a_cure_cures(upgraded, run):
    run(
        upgraded,
        alter("email", "TYPE text"),
        alter("password_hash", "TYPE varchar(60)"),
        alter("language", "DROP NOT NULL"),
        "INSERT INTO auth.users (email, language) VALUES ('a@x.example', NULL)",
        "ALTER TABLE auth.users ADD more int",
        "UPDATE auth.users SET more = 1",
        alter("more", "SET NOT NULL"),
    )
    wrong = [d for d in found(upgraded) if d.weight is WRONG]
    assert len(wrong) == 4
    run(upgraded, *(d.cure for d in wrong))
    assert {d.weight for d in found(upgraded)} == {NOTE}
