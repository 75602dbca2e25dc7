"""A local web page: from two files or a corpus to a reviewed pair, without a terminal.

`store` keeps reviews on the disk, `work` aligns in the background, `outputs` writes what is downloaded, `server` puts
all that behind addresses of this machine alone. Needs the extra `studio` (Starlette, uvicorn).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .server import make_app
    from .store import Store

__all__ = ["Store", "make_app"]

_PLACES = {"make_app": "server", "Store": "store"}


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        from importlib import import_module

        return getattr(import_module(f".{_PLACES[name]}", __name__), name)
    raise AttributeError(f"module 'align.studio' has no attribute {name!r}")
