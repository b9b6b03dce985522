"""A constant gives what the statement gives, and fails as it fails, on its own way."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import bindparam, event, func, insert, literal_column, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from authserver.models import RevokedToken, Session, User
from authserver.models.constants import Constant
from authserver.models.engines import Reads

ADA, SESSION = UUID(int=7), UUID(int=8)
BORN = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
statement = select(User.id, User.email, User.profile, User.created_at, User.status)
statement = statement.where(User.email == bindparam("email")).limit(5)
constant = Constant(statement)
added = Constant(
    insert(RevokedToken).returning(RevokedToken.jti, RevokedToken.expires_at)
)
whole = {
    "id": ADA, "email": "o'neill%s@x.test", "profile": {"a": [1, "é"]},
    "created_at": BORN, "updated_at": BORN,
}  # fmt: skip
place = Constant(
    select(Session.amr, Session.ip_address).where(Session.id == bindparam("id"))
)
PID = Constant(select(func.pg_backend_pid().label("pid")))
END = text("SELECT pg_terminate_backend(:pid)")


def run(reads, constant, params):
    with reads.engine.connect() as connection:
        return constant.all(connection, params)


def write(reads, statement, values):
    with reads.engine.connect() as connection:
        connection.execute(statement, values)


def test_it_gives_what_the_statement_gives(reads):
    write(reads, insert(User), whole)
    ordinary = reads.all(statement, {"email": whole["email"]})
    for _ in range(3):
        rows = reads.all(constant, {"email": whole["email"]})
        assert [row._asdict() for row in rows] == [row._asdict() for row in ordinary]
    assert rows[0].profile == {"a": [1, "é"]}
    assert rows[0].created_at.tzinfo is UTC
    assert reads.first(constant, {"email": "nobody@x.test"}) is None


def test_types_of_one_database_alone_come_as_they_do_elsewhere(reads):
    write(reads, insert(User), whole)
    session = {
        "id": SESSION, "user_id": ADA, "refresh_token": "r", "refresh_token_hash": "h",
        "expires_at": BORN, "absolute_expires_at": BORN, "auth_time": BORN, "acr": "1",
        "created_at": BORN, "amr": ["pwd", "it's"], "ip_address": "2001:db8::1",
    }  # fmt: skip
    write(reads, insert(Session), session)
    assert reads.first(place, {"id": SESSION}) == (["pwd", "it's"], "2001:db8::1")


def test_what_is_not_always_the_same_is_refused(reads):
    with pytest.raises(TypeError, match="no constant"):
        reads.first(constant, {})
    with pytest.raises(TypeError, match="no constant"):
        reads.first(constant, {"email": "a", "another": 1})
    several = select(User.id).where(User.email.in_(bindparam("names", expanding=True)))
    with pytest.raises(TypeError, match="no constant"):
        reads.first(Constant(several), {"names": ["a"]})
    with pytest.raises(TypeError, match="no constant"):  # defaults that Python makes
        run(reads, Constant(insert(User)), whole)


def test_a_fault_is_the_one_that_sqlalchemy_raises_and_shows_no_value(reads):
    once = {"jti": "o'neill", "expires_at": BORN}
    assert run(reads, added, once) == [("o'neill", BORN)]
    with pytest.raises(IntegrityError) as fault:
        run(reads, added, once)
    assert "neill" not in str(fault.value).partition("DETAIL")[0]
    slow = Constant(select(func.pg_sleep(literal_column("5"))))
    with reads.engine.connect() as connection:
        connection.exec_driver_sql("SET statement_timeout = 50")
        with pytest.raises(OperationalError):  # what becomes a 503
            slow.all(connection, {})
        connection.invalidate()


def test_of_a_dead_connection_the_whole_pool_is_let_go(reads):
    pids = []
    with reads.engine.connect() as one, reads.engine.connect() as another:
        pids = [PID.all(each, {})[0].pid for each in (one, another)]
    with Reads(str(reads.engine.url.render_as_string(hide_password=False)), pool_size=1).engine.connect() as killer:  # fmt: skip
        for pid in pids:
            killer.execute(END, {"pid": pid})
    assert reads.first(PID).pid not in pids, "read again, on a new one"


def test_a_dead_connection_in_a_transaction_is_said_to_be_lost(reads):
    with reads.engine.connect() as one, reads.engine.connect() as killer:
        killer.execute(END, {"pid": PID.all(one, {})[0].pid})
        with pytest.raises(DBAPIError) as fault:
            PID.all(one, {})
    assert fault.value.connection_invalidated


def test_who_listens_hears_it(reads):
    heard = []

    def note(*said):
        heard.append(said[2])

    event.listen(reads.engine, "before_cursor_execute", note)
    reads.first(constant, {"email": "a@x.test"})
    event.remove(reads.engine, "before_cursor_execute", note)
    reads.first(constant, {"email": "a@x.test"})
    assert len(heard) == 1
    assert "FROM auth.users" in heard[0]
