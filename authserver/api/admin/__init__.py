"""Endpoints that need a permission."""
