"""An MCP server behind the guard (Model Context Protocol, Streamable HTTP).

ISSUER=http://127.0.0.1:8080 RESOURCE=http://127.0.0.1:5004/mcp \
    granian --interface wsgi --port 5004 mcp_server:app

A client that knows nothing but the address finds its way: 401 names the metadata of the
resource (RFC 9728), which names the authorization server (RFC 8414), which says how to
register (RFC 7591), and gives a token for this very address (RFC 8707).
"""

from typing import Any

from authserver_rs.flask import FlaskGuard, access
from flask import Flask, Response, jsonify, request
from guard import make_guard

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26")
TOOL = {
    "name": "read_notes",
    "description": "Read the notes of whoever is signed in.",
    "inputSchema": {"type": "object", "properties": {}},
}

app = Flask(__name__)
protect = FlaskGuard(make_guard())
protect.init_app(app)


@app.post("/mcp")
@protect("notes:read")
def mcp() -> Response | tuple[Response, int]:
    """Answer one JSON-RPC message."""
    message = request.get_json(silent=True)
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return jsonify(jsonrpc="2.0", id=None, error=fault(-32600, "No request.")), 400
    if "id" not in message:
        return Response(status=202)
    answer = {"jsonrpc": "2.0", "id": message["id"]}
    try:
        answer["result"] = ANSWERS[message.get("method", "")](message.get("params", {}))
    except (KeyError, TypeError, AttributeError):
        answer["error"] = fault(-32601, "No such method.")
    return jsonify(answer)


def fault(code: int, words: str) -> dict[str, Any]:
    """Give a JSON-RPC error."""
    return {"code": code, "message": words}


def initialize(params: dict[str, Any]) -> dict[str, Any]:
    """Agree on a version."""
    asked = params.get("protocolVersion")
    return {
        "protocolVersion": asked if asked in VERSIONS else VERSIONS[0],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "notes", "version": "1"},
    }


def call(params: dict[str, Any]) -> dict[str, Any]:
    """Run the one tool there is."""
    if params.get("name") != TOOL["name"]:
        return {"isError": True, "content": [text("There is no such tool.")]}
    return {"content": [text(f"{access().subject}: Buy milk")]}


def text(words: str) -> dict[str, str]:
    """Give a piece of an answer."""
    return {"type": "text", "text": words}


ANSWERS = {
    "initialize": initialize,
    "ping": lambda _: {},
    "tools/list": lambda _: {"tools": [TOOL]},
    "tools/call": call,
}
