"""The tests' own promise: they speak to this machine alone."""

import socket

import pytest

STRANGER = "192.0.2.1"  # TEST-NET-1, RFC 5737: nobody's


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_a_stranger_is_not_reached(method):
    with socket.socket() as door, pytest.raises(AssertionError, match=STRANGER):
        getattr(door, method)((STRANGER, 80))


def test_names_of_the_world_do_not_resolve():
    with pytest.raises(socket.gaierror):
        socket.create_connection(("example.org", 80), timeout=1)


def test_this_machine_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        socket.create_connection(listening.getsockname(), timeout=5).close()
