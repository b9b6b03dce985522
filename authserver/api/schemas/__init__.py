"""One module of schemas for each module of endpoints."""
