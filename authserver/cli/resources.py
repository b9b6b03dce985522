"""`authserver resource`: APIs that tokens are for, and types of authorization details."""

import json
from pathlib import Path
from typing import Any

import click
from marshmallow import ValidationError

from authserver.api.schemas.admin_detail_types import DetailTypeRequest
from authserver.cli.frame import core, emit, json_option
from authserver.errors import NotFound
from authserver.models import Resource


@click.group()
def resource() -> None:
    """APIs that tokens are for."""


@resource.command()
@click.option("--identifier", required=True, help="Its URI; `aud` of its tokens.")
@click.option("--name", required=True, help="What people see.")
@click.option("--name-in", "names", multiple=True, help="LANGUAGE=NAME; repeatable.")
@click.option(
    "--scope", "scopes", multiple=True, help="NAME, or NAME=SENTENCE in English."
)
@click.option(
    "--scope-in",
    "sentences",
    multiple=True,
    nargs=3,
    metavar="SCOPE LANGUAGE SENTENCE",
    help="The sentence of a scope in another language.",
)
@click.option("--token-ttl", type=int, help="Seconds that its tokens live.")
@click.option("--signing-alg", help="With which its tokens are signed.")
@click.option("--token-typ", help="`JWT`, where the API does not know `at+jwt`.")
@click.option(
    "--introspection-client",
    "introspection_clients",
    multiple=True,
    help="A client that may look at its tokens; repeatable.",
)
@click.option("--open", "is_open", is_flag=True, help="Any app may ask people for it.")
@json_option
def create(
    *,
    names: tuple[str, ...],
    scopes: tuple[str, ...],
    sentences: tuple[tuple[str, str, str], ...],
    introspection_clients: tuple[str, ...],
    as_json: bool,
    **facts: Any,
) -> None:
    """Register an API."""
    with core() as services:
        row = services.resources.create(
            by=None,
            names=dict(_pair(one) for one in names),
            scopes=_texts(scopes, sentences),
            introspection_clients=list(introspection_clients),
            **facts,
        )
        found = facts_of(row)
    emit(found, as_json=as_json)


@resource.command("list")
@json_option
def list_resources(*, as_json: bool) -> None:
    """List all APIs."""
    with core() as services:
        found = [facts_of(row) for row in services.resources.list_all()]
    emit(found, as_json=as_json)


@resource.command()
@click.argument("identifier")
@json_option
def show(*, identifier: str, as_json: bool) -> None:
    """Show one API."""
    with core() as services:
        found = facts_of(services.resources.get_by_identifier(identifier))
    emit(found, as_json=as_json)


@resource.command()
@click.argument("identifier")
@json_option
def delete(*, identifier: str, as_json: bool) -> None:
    """Remove an API: no token for it is given any more."""
    with core() as services:
        row = services.resources.get_by_identifier(identifier)
        services.resources.delete(row.id, by=None)
    emit(
        {"identifier": identifier, "deleted": True},
        as_json=as_json,
        text=f"Deleted {identifier}.",
    )


@resource.command("add-type")
@click.option(
    "--file", "path", required=True, type=click.Path(exists=True, path_type=Path)
)
@json_option
def add_type(*, path: Path, as_json: bool) -> None:
    """Register a type of authorization details, as /v1/admin/detail-types takes it."""
    given = _read(path)
    with core() as services:
        row = services.detail_types.create(by=None, **given)
        found = {"id": str(row.id), "type": row.type}
    emit(found, as_json=as_json)


@resource.command()
@json_option
def types(*, as_json: bool) -> None:
    """List the types of authorization details."""
    with core() as services:
        found = [
            {"type": row.type, "resources": row.resources, "texts": row.texts}
            for row in services.detail_types.list_all()
        ]
    emit(found, as_json=as_json)


@resource.command("remove-type")
@click.argument("name")
@json_option
def remove_type(*, name: str, as_json: bool) -> None:
    """Remove a type of authorization details."""
    with core() as services:
        row = services.detail_types.find(name)
        if row is None:
            raise NotFound("no such type")
        services.detail_types.delete(row.id, by=None)
    emit({"type": name, "deleted": True}, as_json=as_json, text=f"Removed {name}.")


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(DetailTypeRequest().load(json.loads(path.read_text())))
    except (ValueError, ValidationError) as fault:
        raise click.ClickException(f"{path}: {fault}") from None


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _texts(
    scopes: tuple[str, ...], sentences: tuple[tuple[str, str, str], ...]
) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, sentence in map(_pair, scopes):
        found[name] = {"en": sentence} if sentence else {}
    for name, tag, sentence in sentences:
        found.setdefault(name, {})[tag] = sentence
    return found


def facts_of(row: Resource) -> dict[str, Any]:
    """Give what is shown of a resource."""
    return {
        "id": str(row.id),
        "identifier": row.identifier,
        "name": row.name,
        "names": row.names,
        "scopes": row.scopes,
        "token_ttl": row.token_ttl,
        "signing_alg": row.signing_alg,
        "token_typ": row.token_typ,
        "introspection_clients": row.introspection_clients,
        "is_open": row.is_open,
    }
