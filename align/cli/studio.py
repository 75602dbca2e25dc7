"""studio: a local web page, from two files to a reviewed pair."""

from pathlib import Path
from typing import Annotated

import typer

from . import options as o


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: muwazi studio")(studio)


def studio(
    context: typer.Context,
    folder: Annotated[Path | None, o.option("--folder", metavar="FOLDER", show_default=False,
                                            help="Where reviews are kept. [the user's data folder]")] = None,
    port: Annotated[int | None, o.option(min=0, max=65535, show_default=False,
                                         help="Port on this machine; 0 takes any that is free. [8765, else any]")] = None,
    browser: Annotated[bool, o.option(help="Open the page in the browser.")] = True,
) -> None:
    """Open a page in the browser: drop two files, review what stands in one of them only, download the result.

    The page answers on this machine alone, under an address with a secret in it, and asks for nothing from any network.
    Every change is saved to the disk at once. Ctrl-C, or a button on the page, ends it; the same command goes on with
    all reviews. Where it is installed, muwazi-studio does the same by a double click.
    """
    from ..errors import MissingExtra, OutputError

    try:
        import starlette
        import uvicorn
    except ImportError:
        raise MissingExtra("the studio needs: pip install 'muwazi[studio]'") from None
    del starlette
    from ..studio import Store, make_app
    from ..studio.address import PORT, answers, bound, data_folder

    place = folder or data_folder()
    try:
        store = Store(place)
        token = store.token()
    except OSError as error:
        raise OutputError(f"{place}: cannot hold reviews: {error.strerror or error}") from None
    for known in {port or PORT, store.port()} - {0}:
        if answers(known, token):
            _tell(context, f"http://127.0.0.1:{known}/{token}/", "is open already", browser)
            return
    socket = bound(PORT, or_any=True) if port is None else bound(port)
    here = socket.getsockname()[1]
    store.opened(here)
    address = f"http://127.0.0.1:{here}/{token}/"
    app = make_app(store, token, here, stop=lambda: setattr(server, "should_exit", True))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, server_header=False,
                                           date_header=False, timeout_graceful_shutdown=2))
    _tell(context, address, "Ctrl-C ends it", browser)
    server.run(sockets=[socket])


def _tell(context: typer.Context, address: str, what: str, browser: bool) -> None:
    """The address on stdout, for programs too; and in the browser."""
    import sys
    import webbrowser

    print(address, flush=True)
    o.say(context, f"the studio: {what}")
    if browser:
        import contextlib

        with contextlib.redirect_stdout(sys.stderr):
            webbrowser.open(address)
