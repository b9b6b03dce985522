"""An API with FastAPI.

ISSUER=http://127.0.0.1:8080 RESOURCE=http://127.0.0.1:5002 \
    granian --interface asgi --port 5002 fastapi_api:app
"""

from typing import Annotated

from authserver_rs.asgi import AsgiGuard
from fastapi import Depends, FastAPI
from guard import make_guard

from authserver_rs import Access

app = FastAPI()
protect = AsgiGuard(make_guard())
protect.init_app(app)

Reader = Annotated[Access, Depends(protect("notes:read"))]
Writer = Annotated[Access, Depends(protect("notes:write"))]
SureWriter = Annotated[
    Access, Depends(protect("notes:write", acr=("2", "phr"), max_age=300))
]


@app.get("/notes")
async def read(access: Reader) -> dict[str, object]:
    """Let whoever was granted ``notes:read`` read."""
    return {"owner": access.subject, "notes": ["Buy milk"]}


@app.post("/notes")
async def write(access: Writer) -> dict[str, object]:
    """Let whoever was granted ``notes:write`` write."""
    return {"owner": access.subject, "client": access.client_id}


@app.delete("/notes")
async def delete(access: SureWriter) -> dict[str, object]:
    """Delete everything: after two factors, and soon (RFC 9470)."""
    return {"owner": access.subject, "deleted": True}
