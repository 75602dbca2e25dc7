"""Mining on a Ray cluster of two nodes: the pairs of one machine, whatever is killed and wherever it stops."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_mine import LONE_AR, LONE_EN, PAIRS
from test_mining import LINES

from align.errors import MuwaziError

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs pip install 'muwazi[ray]'")

# Every kind of stage dies once with its block in hand, before that is written; the driver stops in the search.
TWO_NODES = """
import json, os, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import ray
from ray.cluster_utils import Cluster
from align import neighbours
from align.mine import store
from align.mine import Folder, Mining, flow, mine_files
from align.pipeline import Options
from align.run.mining import RayEngine

store.SHARD = 64
neighbours.SHARD_ROWS.update(ivf=128, flat=128)
flow.TOGETHER = 2
files, place = sys.argv[1:3], Path(sys.argv[3])

class Deadly(Folder):
    def save(self, name, rows):
        kind = name.rpartition("/")[2].partition("-")[0]
        marker = Path(self.root) / f"died-{kind}"
        if os.getpid() != DRIVER and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), 9)
        super().save(name, rows)
        node = "driver" if os.getpid() == DRIVER else ray.get_runtime_context().get_node_id()
        with open(Path(self.root) / "log", "a") as stream:
            stream.write(json.dumps([kind, name, node]) + "\\n")

def mined(kind, work, tell=None, **options):
    found = mine_files([files[0]], [files[1]], Options(segmented=True), Mining(index=kind), work=place / work, tell=tell, **options)
    return [(row.ar.segments, row.en.segments, row.sim, row.confidence) for row in found.rows()]

def stop(stage, done, total):
    if stage.startswith("search"):
        raise KeyboardInterrupt

DRIVER = os.getpid()
here = {kind: mined(kind, f"here-{kind}") for kind in ("flat", "ivf")}
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
cluster.add_node(num_cpus=1)
ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
engine = RayEngine(cluster.address)
(place / "there").mkdir()
blocks = Deadly(str(place / "there"))
stopped = False
try:
    mined("ivf", "there", stop, blocks=blocks, engine=engine)
except KeyboardInterrupt:
    stopped = True
there = {"ivf": mined("ivf", "there", blocks=blocks, engine=engine)}
there["flat"] = mined("flat", "there", blocks=Folder(str(place / "there")), engine=engine)
ray.shutdown()
cluster.shutdown()
log = [json.loads(line) for line in open(place / "there" / "log")]
died = sorted(path.name.partition("-")[2] for path in (place / "there").glob("died-*"))
same = [here[kind] == there[kind] for kind in here]
print(json.dumps({"same": same, "pairs": len(here["ivf"]), "stopped": stopped, "log": log, "died": died}))
"""


def started(arguments, tmp_path):
    child = subprocess.run([sys.executable, *map(str, arguments)], cwd=tmp_path, capture_output=True, timeout=240,
                           env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)})
    return child.returncode, child.stdout.decode(), child.stderr.decode()


@needs_ray
@pytest.mark.slow
def test_two_nodes_agree_with_one_machine_whatever_dies(tmp_path):
    for lang, lines in zip(("ar", "en"), LINES, strict=True):
        (tmp_path / lang).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    _, out, err = started(("-c", TWO_NODES, tmp_path / "ar", tmp_path / "en", tmp_path), tmp_path)
    assert out, err
    found = json.loads(out.splitlines()[-1])
    assert found["same"] == [True, True] and found["pairs"] > 150 and found["stopped"]
    assert found["died"] == ["index", "judged", "near", "vectors"]
    # The driver trains, workers of both nodes do the rest; what was done before the driver stopped was not done again.
    assert {node == "driver" for kind, _, node in found["log"] if kind == "trained"} == {True}
    assert len({node for kind, _, node in found["log"] if kind != "trained"} - {"driver"}) == 2
    names = [name for kind, name, _ in found["log"] if kind in ("trained", "vectors", "index")]
    assert len(names) == len(set(names)) == 2 + 10 + 10


@needs_ray
@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere.invalid:6379"])
def test_an_address_without_a_cluster_is_one_line(address, tmp_path):
    for name, lines in (("ar.txt", [a for a, _ in PAIRS] + LONE_AR), ("en.txt", [e for _, e in PAIRS] + LONE_EN)):
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    status, out, err = started(("-m", "align", "mine", "ar.txt", "en.txt", "--segmented", "-o", "pairs.tsv", "--engine", "ray",
                                "--ray-address", address), tmp_path)
    assert status == MuwaziError.status and err.count("\n") == 1 and not out
    assert err.startswith(f"muwazi: no Ray cluster at {address}: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ar.txt", "en.txt"]
