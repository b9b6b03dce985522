"""MIGRATION.md says what is true: its settings exist, its exports can be imported."""

import dataclasses
import io
import re

import psycopg2
import pytest

from authserver.config import Settings
from tests.house.source import ROOT
from tests.support.node import Node

PAGE = (ROOT / "MIGRATION.md").read_text(encoding="utf-8")
EXPORTS = dict(re.findall(r"```sql export=(\w+)\n(.*?)```", PAGE, re.DOTALL))
HASH = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
PARTS = {"AUTH_PG_HOST", "AUTH_PG_PORT", "AUTH_PG_USER", "AUTH_PG_PASS", "AUTH_PG_DB"}

OLDER = {
    "institutions": f"""
        CREATE TABLE users (id uuid PRIMARY KEY, email text, username text,
            full_name text, password_hash text, is_verified boolean,
            two_factor_enabled boolean, two_factor_secret text, created_at timestamptz);
        CREATE TABLE roles (id int PRIMARY KEY, name text);
        CREATE TABLE user_roles (user_id uuid, role_id int);
        CREATE TABLE institutions (id int PRIMARY KEY, code text);
        CREATE TABLE user_institutions (user_id uuid, institution_id int);
        INSERT INTO users VALUES ('00000000-0000-4000-8000-000000000001',
            'Ana@Example.test', 'ana', 'Ana, "Ção"', '{HASH}', true, true,
            'JBSWY3DPEHPK3PXP', '2020-02-03 04:05:06-03');
        INSERT INTO roles VALUES (1, 'admin'), (2, 'user');
        INSERT INTO user_roles SELECT id, 1 FROM users UNION SELECT id, 2 FROM users;
        INSERT INTO institutions VALUES (1, 'i1'), (2, 'i2');
        INSERT INTO user_institutions SELECT u.id, i.id FROM users u, institutions i;
    """,
    "cpf": f"""
        CREATE TABLE users (email text, nome text, cpf text, telefone text,
            password text);
        INSERT INTO users VALUES ('rita@example.test', 'Rita', '529.982.247-25',
            '+55 11 98888-7777', '{HASH}');
    """,
    "roles": f"""
        CREATE TABLE users (id uuid PRIMARY KEY, email text, display_name text,
            password_hash text, email_verified boolean, is_active boolean,
            roles text[]);
        INSERT INTO users VALUES
            ('00000000-0000-4000-8000-000000000002', 'wei@example.test', 'Wei',
             '{HASH}', true, true, '{{SUPER_ADMIN,EDITOR}}'),
            ('00000000-0000-4000-8000-000000000003', 'li@example.test', 'Li',
             '{HASH}', false, true, '{{USER}}'),
            ('00000000-0000-4000-8000-000000000004', 'bo@example.test', 'Bo',
             '{HASH}', true, false, '{{USER}}');
    """,
}


def test_settings_that_are_named_exist():
    known = {
        name for line in dataclasses.fields(Settings) for name in line.metadata["env"]
    }
    named = set(re.findall(r"`([A-Z][A-Z_]{3,})(?:=[^`]*)?`", PAGE))
    assert named - known - PARTS - {"NAME_FILE", "SUPER_ADMIN"} == set()


def test_refusals_that_are_named_exist():
    said = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
    assert set(re.findall(r"AUTH_\d+", PAGE)) <= set(re.findall(r"AUTH_\d+", said))


def test_every_export_is_tried():
    assert EXPORTS.keys() == OLDER.keys()


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    node = Node(f"sqlite:///{home}/authserver.db", home)
    node.json("db", "upgrade")
    return node


@pytest.mark.live
@pytest.mark.parametrize("name", OLDER)
def test_what_an_export_gives_can_be_imported(node, postgres, tmp_path, name):
    file, out = tmp_path / "people.csv", io.StringIO()
    connection = psycopg2.connect(postgres.create_database())
    try:
        with connection.cursor() as cursor:
            cursor.execute(OLDER[name])
            cursor.copy_expert(EXPORTS[name].strip().rstrip(";"), out)
    finally:
        connection.close()
    file.write_text(out.getvalue(), encoding="utf-8")
    found = node.json("user", "import", str(file))
    assert found["faults"] == []
    assert found["imported"] == out.getvalue().lower().count("@example.test")
    listed = {one["email"]: one for one in node.json("user", "list")}
    if name == "institutions":
        ana = listed["ana@example.test"]
        assert ana["id"] == "00000000-0000-4000-8000-000000000001"
        assert ana["full_name"] == 'Ana, "Ção"'
        assert found["with_second_factor"] == 1
        assert found["new_institutions"] == ["i1", "i2"]
    if name == "roles":
        states = [
            listed[f"{who}@example.test"]["status"] for who in ("wei", "li", "bo")
        ]
        assert states == ["active", "pending_verification", "disabled"]
