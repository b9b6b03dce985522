"""An API with Flask.

ISSUER=http://127.0.0.1:8080 RESOURCE=http://127.0.0.1:5001 \
    granian --interface wsgi --port 5001 flask_api:app
"""

from authserver_rs.flask import FlaskGuard, access
from flask import Flask
from guard import make_guard

app = Flask(__name__)
protect = FlaskGuard(make_guard())
protect.init_app(app)


@app.get("/notes")
@protect("notes:read")
def read() -> dict[str, object]:
    """Let whoever was granted ``notes:read`` read."""
    return {"owner": access().subject, "notes": ["Buy milk"]}


@app.post("/notes")
@protect("notes:write")
def write() -> dict[str, object]:
    """Let whoever was granted ``notes:write`` write."""
    return {"owner": access().subject, "client": access().client_id}


@app.delete("/notes")
@protect("notes:write", acr=("2", "phr"), max_age=300)
def delete() -> dict[str, object]:
    """Delete everything: after two factors, and soon (RFC 9470)."""
    return {"owner": access().subject, "deleted": True}
