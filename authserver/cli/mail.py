"""`authserver mail`: send what waits, by hand or from cron."""

import click

from authserver.cli.frame import emit, json_option, settings
from authserver.http.application import create_core
from authserver.http.delivery import Delivery
from authserver.models import migrations


@click.group()
def mail() -> None:
    """Letters that wait to be sent."""


@mail.command()
@json_option
def deliver(*, as_json: bool) -> None:
    """Send all letters that are due."""
    chosen = settings()
    migrations.require_current(chosen)
    delivery, sent = Delivery(create_core(chosen)), 0
    while batch := delivery.deliver_once():
        sent += batch
    emit({"tried": sent}, as_json=as_json, text=f"Tried {sent} letters.")
