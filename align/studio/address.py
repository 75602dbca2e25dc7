"""Where the studio answers and keeps its things."""

import http.client
import socket
from pathlib import Path

from ..errors import UsageError

PORT = 8765
"""Where the studio answers unless told otherwise, so that its address stays the same."""


def data_folder() -> Path:
    """The folder of reviews among the user's data."""
    from platformdirs import user_data_path

    return user_data_path("muwazi", appauthor=False) / "studio"


def bound(port: int, *, or_any: bool = False) -> socket.socket:
    """A socket on a port of the loopback address alone; where that is taken, on any with `or_any`, else UsageError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)  # whoever reads the address may ask at once and wait
    except OSError as error:
        listener.close()
        if or_any:
            return bound(0)
        raise UsageError(f"port {port} cannot be had ({error.strerror}); name another with --port, or 0 for any") from None
    return listener


def answers(port: int, token: str) -> bool:
    """Whether a studio with the same token, and so with the same folder, answers there already."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", f"/{token}/state")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
