"""The cluster engine: the bytes of the local one, whatever is killed, on one node or two."""

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from test_run import contents, lay, records, settings, source, until

from align.errors import MissingExtra, MuwaziError
from align.run import How, run
from align.run.cluster import _DEATHS, _Watch, _watched
from align.run.ledger import Document
from align.run.unit import Task

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs pip install 'muwazi[ray]'")
needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="needs /proc to find processes")


def started(arguments, tmp_path, **options):
    return subprocess.Popen([sys.executable, *map(str, arguments)], cwd=tmp_path, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
                            **options)


def descendants(pid):
    """Processes below `pid`, with what they call themselves."""
    children = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            children.setdefault(int(path.read_text().rpartition(")")[2].split()[1]), []).append(int(path.parent.name))
    found, todo = {}, [pid]
    while todo:
        for child in children.get(todo.pop(), ()):
            todo.append(child)
            with contextlib.suppress(OSError):
                found[child] = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return found


def parts(out):
    return len(list((out / "shards").glob("*")))


def test_a_watch_counts_deaths_with_a_document_in_hand(monkeypatch):
    watch = _Watch()
    assert watch.begin(4, "read") == {}
    watch.hold(4, "read", 7)
    watch.hold(4, "read", 8)
    assert watch.begin(4, "read") == {8: 1}  # it begins again though it has not ended
    watch.hold(4, "read", 8)
    assert watch.begin(4, "align") == {8: 1}
    assert watch.begin(4, "read") == {8: 2}
    watch.end(4, "read")
    assert watch.begin(4, "read") == {8: 2}


def test_a_document_that_kills_is_doomed_in_the_end(monkeypatch):
    class Remote:
        """An actor's method, called at once."""

        def __init__(self, call):
            self.remote = call

    watch = _Watch()

    class Handle:
        begin, hold, end = Remote(watch.begin), Remote(watch.hold), Remote(watch.end)

    class Ray:
        get = staticmethod(lambda value: value)

    monkeypatch.setitem(sys.modules, "ray", Ray)
    task = Task(0, tuple(Document(k, f"d{k}", "a", "b") for k in range(3)), (("a", "b"),) * 3)
    for death in range(_DEATHS + 1):
        with contextlib.suppress(KeyboardInterrupt), _watched(Handle, task, "read") as (tell, doomed, is_again):
            assert is_again == (death > 0)
            for document in task.documents:
                if document.number in doomed:
                    assert doomed == {1: f"the process that worked on it died {_DEATHS} times (out of memory?)"}
                    continue
                tell(document.id, "read")
                if document.number == 1:
                    raise KeyboardInterrupt
    assert death == _DEATHS
    assert watch.in_hand == {}


def test_without_ray_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"--engine ray needs: pip install 'muwazi\[ray\]'"):
        run(source(lay(tmp_path / "in", 1)), str(tmp_path / "out"), settings(), How(engine="ray"))


@needs_ray
@needs_proc
@pytest.mark.slow
def test_killed_actor_worker_and_driver_lose_nothing(tmp_path):
    folders = lay(tmp_path / "in", 40)
    (folders[1] / "005.txt").write_bytes(b"")
    run(source(folders), str(tmp_path / "whole"), settings(unit_documents=1), How(engine="inline"))
    out = tmp_path / "out"
    command = ("-m", "align", "run", *folders, "-o", out, "--engine", "ray", "-j", 2, "--no-flags", "--format", "jsonl",
               "--part-documents", 1, "-q")
    child = started(command, tmp_path)
    killed = set()

    def kill(what, enough):
        """Kill a process that calls itself `what`, once so many parts are there."""
        assert until(lambda: parts(out) >= enough, child, 120)
        found = []
        until(lambda: found.extend(p for p, name in descendants(child.pid).items() if name.startswith(what)) or found,
              child, 120)
        if found:
            os.kill(found[0], signal.SIGKILL)
            killed.add(what)

    kill("ray::MapWorker", 2)
    kill("ray::Map(_", 6)
    assert until(lambda: parts(out) >= 10, child, 120)
    child.kill()
    child.communicate()
    assert killed == {"ray::MapWorker", "ray::Map(_"}
    assert 10 <= parts(out) < 40
    child = started(command, tmp_path)
    _, err = child.communicate(timeout=240)
    assert child.returncode == 11, err
    assert contents(out) == contents(tmp_path / "whole")


TWO_NODES = """
import json, subprocess, sys, warnings
warnings.simplefilter("ignore")
import ray
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
cluster.add_node(num_cpus=1)
command = [sys.executable, "-m", "align", *sys.argv[1:], "--ray-address", cluster.address]
done = subprocess.run(command, stderr=subprocess.PIPE)
ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
from ray._private.state import actors
nodes = {a["Address"]["NodeID"] for a in actors().values() if "MapWorker" in a["ActorClassName"]}
ray.shutdown()
cluster.shutdown()
print(json.dumps([done.returncode, len(nodes), done.stderr.decode()]))
"""


@needs_ray
@pytest.mark.slow
def test_two_nodes_share_the_work_and_agree(tmp_path):
    folders = lay(tmp_path / "in", 8)
    run(source(folders), str(tmp_path / "whole"), settings(unit_documents=1), How(engine="inline"))
    child = started(("-c", TWO_NODES, "run", *folders, "-o", tmp_path / "out", "--engine", "ray", "--no-flags", "--format",
                     "jsonl", "--part-documents", 1, "-q"), tmp_path)
    out, err = child.communicate(timeout=240)
    status, nodes, said = json.loads(out.splitlines()[-1])
    assert (status, nodes) == (0, 2), said or err
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert len(records(tmp_path / "out")) == 32


@needs_ray
def test_an_address_without_a_cluster_is_one_line(tmp_path):
    command = ("-m", "align", "run", *lay(tmp_path / "in", 1), "-o", tmp_path / "out", "--engine", "ray", "--ray-address",
               "127.0.0.1:1")
    child = started(command, tmp_path)
    _, err = child.communicate(timeout=120)
    assert child.returncode == MuwaziError.status
    assert err.decode().count("\n") == 1
    assert err.decode().startswith("muwazi: no Ray cluster at 127.0.0.1:1: ")
