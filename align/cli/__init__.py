"""Arguments in, pipeline called, result printed."""

from .main import app, main

__all__ = ["app", "main"]
