"""Mining in blocks: shards that agree with one index to the bit, stages done again, folders and object storage."""

import errno
import os
import sys
import tracemalloc

import numpy as np
import pytest
from test_mine import LONE_AR, LONE_EN, PAIRS, unit

from align import neighbours
from align.data import Neighbours
from align.errors import InputError, MissingExtra, OutputError, UsageError
from align.mine import (
    Folder,
    Given,
    Mining,
    Worker,
    candidate_blocks,
    choose_parts,
    cut,
    flow,
    mine_lines,
    spill,
    stages,
    store,
)
from align.neighbours import (
    build_index,
    index_piece,
    joined_index,
    packed,
    plan_index,
    sample_rows,
    search,
    train_index,
)
from align.pipeline import Options

LINES = ([f"وصل القطار رقم {n} إلى المدينة متأخرا {n % 7 + 2} ساعات." for n in range(260)],
         [f"Train number {n} arrived in the city {n % 7 + 2} hours late." for n in range(259, -1, -1)])


@pytest.fixture(scope="module")
def encoder():
    from align.encode import load

    return load(cache=False)


@pytest.fixture
def small(monkeypatch):
    """Blocks of 64 lines, two of them a shard, two shards an item, three blocks of queries a wave."""
    monkeypatch.setattr(store, "SHARD", 64)
    monkeypatch.setattr(neighbours, "SHARD_ROWS", dict.fromkeys(neighbours.INDEXES, 128))
    monkeypatch.setattr(flow, "TOGETHER", 2)
    monkeypatch.setattr(flow, "_WAVE", 3)


def rows_of(found):
    return [(row.ar.segments, row.en.segments, row.sim, row.confidence) for row in found.rows()]


# ---- indexes in pieces


@pytest.mark.parametrize("kind", ["flat", "ivf", "pq"])
def test_pieces_joined_are_one_index_to_the_bit(kind):
    rng = np.random.default_rng(3)
    rows = unit(rng.standard_normal((40, 32))[rng.integers(0, 40, 2000)] + 0.5 * rng.standard_normal((2000, 32))).astype(np.float16)
    blocks = [rows[:700], rows[700:1400], rows[1400:]]
    plan = plan_index(2000, 32, 2000, kind=kind)
    trained = train_index(sample_rows(blocks, 1600), plan)
    pieces = [] if trained is None else [index_piece(packed(trained), block) for block in blocks]
    one = search(build_index(blocks, plan=plan, trained=trained), rows[::7], 5)
    joined = search(joined_index(plan, pieces, blocks, 100), rows[::7], 5)
    assert (joined.ids - 100).tolist() == one.ids.tolist() and joined.sims.tobytes() == one.sims.tobytes()
    assert np.mean(one.ids[:, 0] == np.arange(0, 2000, 7)) > 0.99


@pytest.mark.parametrize("kind", ["flat", "ivf"])
def test_the_number_of_threads_changes_nothing(kind, monkeypatch):
    rng = np.random.default_rng(4)
    rows = unit(rng.standard_normal((5000, 48)))
    index = build_index([rows[:2000], rows[2000:]], kind=kind)
    found = []
    for most in (1, 3):
        monkeypatch.setattr("align.threads.cores", lambda most=most: most)
        found.append(search(index, rows[:4500], 4))
    assert found[0].ids.tobytes() == found[1].ids.tobytes() and found[0].sims.tobytes() == found[1].sims.tobytes()


def test_what_is_in_memory_of_a_sharded_index_has_an_end():
    assert plan_index(50_000_000, 512, 10**6, 1 << 30, sharded=True).code == 64
    with pytest.raises(UsageError, match="needs .*G of memory"):
        plan_index(50_000_000, 512, 10**6, 1 << 30)


# ---- the flow


@pytest.mark.parametrize("kind", ["flat", "ivf"])
def test_shards_find_what_one_index_finds(kind, small, encoder, tmp_path, monkeypatch):
    merged = []
    monkeypatch.setattr(stages, "merge", lambda worker, item, merge=stages.merge: merged.append(item) or merge(worker, item))
    parts = mine_lines(*LINES, mining=Mining(index=kind), encoder=encoder, work=tmp_path / "parts")
    assert parts.index == (kind, kind)
    assert len(merged) == 10 and {len(item.parts) for item in merged} == {2}
    assert not list((tmp_path / "parts").rglob("near-*-*.npy"))  # parts that were merged are gone
    # Blocks stay as they were: the last bits of vectors depend on the lines that are encoded together.
    monkeypatch.setattr(neighbours, "SHARD_ROWS", dict.fromkeys(neighbours.INDEXES, 1 << 20))
    merged.clear()
    whole = mine_lines(*LINES, mining=Mining(index=kind), encoder=encoder, work=tmp_path / "whole")
    assert not merged
    assert rows_of(parts) == rows_of(whole)
    assert sum(row[0] == (259 - row[1][0],) for row in rows_of(whole)) > 200


@pytest.mark.parametrize("stage", ["encode", "index", "search", "merge", "judge"])
def test_whatever_stage_it_stops_in_it_goes_on_from_there(stage, small, encoder, tmp_path, monkeypatch):
    done, stopped = [], [stage]

    def counted(name, limit):
        real = getattr(stages, name)

        def do(worker, item):
            if stopped == [name] and len([one for one in done if one[0] == name]) >= limit:
                raise KeyboardInterrupt
            done.append((name, item.name))
            return real(worker, item)

        monkeypatch.setattr(stages, name, do)

    limits = {"encode": 4, "index": 3, "search": 7, "merge": 2, "judge": 0}
    for name, limit in limits.items():
        counted(name, limit)

    def mined():
        return mine_lines(*LINES, mining=Mining(index="ivf"), encoder=encoder, work=tmp_path / "work")

    with pytest.raises(KeyboardInterrupt):
        mined()
    assert sum(name == stage for name, _ in done) == limits[stage]
    stopped.clear()
    found = mined()
    # Nothing is done twice, and nothing is left out.
    assert len(done) == len(set(done)) and {name: sum(one == name for one, _ in done) for name in limits} == {
        "encode": 10, "index": 10, "search": 20, "merge": 10, "judge": 1}
    assert len(rows_of(found)) > 200
    assert not list((tmp_path / "work").rglob("judged-*")) and not list((tmp_path / "work").rglob("*.part"))


def test_a_line_added_costs_its_own_block_and_damaged_ones_are_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "SHARD", 2)
    calls = []

    class Lengths:
        name, dimension = "lengths", 2

        def encode(self, forms):
            calls.append(forms)
            return unit([[len(form), 1] for form in forms])

    def run(texts):
        calls.clear()
        found = mine_lines(texts, ["a"], Options(langs=("fr", "en"), language_check=False), encoder=Lengths(), work=tmp_path)
        return [calls[:], *rows_of(found)]

    first = run(["a", "bb", "ccc"])
    assert first[0] == [["a", "bb"], ["ccc"], ["a"]] and len(first) == 2
    assert run(["a", "bb", "ccc"]) == [[], *first[1:]]
    assert run(["a", "bb", "ccc", "dddd"])[0] == [["ccc", "dddd"]]
    path = next(path for path in (tmp_path / "fr").glob("vectors-*.npy") if np.load(path).shape == (1, 2))
    path.write_bytes(path.read_bytes()[:-3])
    assert run(["a", "bb", "ccc"]) == [[["ccc"]], *first[1:]]
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("dedup", [True, False])
def test_what_is_sorted_on_the_disk_is_what_is_sorted_in_memory(dedup, encoder, tmp_path, monkeypatch):
    ar = [*LINES[0], *LINES[0][:40], *(line.replace("ر", "رّ") for line in LINES[0][20:60])]
    here = mine_lines(ar, LINES[1], mining=Mining(dedup=dedup), encoder=encoder, work=tmp_path)
    spilt = []
    monkeypatch.setattr(spill, "RUN", 2000)
    monkeypatch.setattr(spill, "BLOCK", 700)
    monkeypatch.setattr(spill.Sorter, "_merged", lambda self, spool, merged=spill.Sorter._merged: spilt.append(self) or merged(self, spool))
    there = mine_lines(ar, LINES[1], mining=Mining(dedup=dedup), encoder=encoder, work=tmp_path)
    assert rows_of(here) == rows_of(there) and list(here.margins()) == list(there.margins())
    assert len(rows_of(here)) == len(list(here.margins())) > (200 if dedup else 260)
    # Lines of both sides twice; pairs to the other side and back; two medians; odds by line, odds, probabilities.
    assert len(spilt) >= 10 and {sorter.folder for sorter in spilt} == {tmp_path, tmp_path / "ar", tmp_path / "en"}
    assert {path.name.partition("-")[0] for path in tmp_path.rglob("*.*")} == {"lines.jsonl", "vectors", "near"}


def test_memory_does_not_grow_with_the_lines(monkeypatch):
    monkeypatch.setattr(spill, "RUN", 1 << 19)
    monkeypatch.setattr(spill, "BLOCK", 1 << 16)

    class Made:
        """Neighbours made up as they are asked for: the right one for two lines of five, and some by chance."""

        def __init__(self, lines):
            self.lines = lines

        def __iter__(self):
            for start in range(0, self.lines, 500):
                rng = np.random.default_rng(start)
                ids, sims = rng.integers(0, self.lines, (500, 8)), -np.sort(-0.3 * rng.random((500, 8)), 1)
                ids[::5, 0], ids[1::5, 0] = np.arange(start, start + 500, 5), np.arange(start + 1, start + 500, 5)
                sims[::5, 0], sims[1::5, 0] = 0.8, 0.7
                yield Neighbours(ids, sims.astype(np.float32))

    def used(lines):
        lengths = np.full(lines, 50, np.int32)
        tracemalloc.start()
        try:
            parts = ((part, None) for part in candidate_blocks(Made(lines), Made(lines), (lengths, lengths)))
            found = cut(choose_parts(parts, (lines, lines)))
            assert 0.39 * lines < len(found) < 0.5 * lines and np.mean(found.ar == found.en) > 0.9
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = used(8000), used(24_000)
    assert (many - few) / 16_000 < 30  # bytes a line; it was a thousand when all were held


def test_a_full_disk_is_named(muwazi, files, tmp_path, monkeypatch):
    class Full:
        def __init__(self, dir):
            pass

        def seek(self, place):
            pass

        def close(self):
            pass

        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", Full)
    result = muwazi("mine", *files, "--segmented", "-o", tmp_path / "pairs.tsv")
    place = tmp_path / "pairs.tsv.mining" / "ar"
    assert result.status == 7 and result.err == f"muwazi: {place}: cannot be written: No space left on device\n"
    assert not (tmp_path / "pairs.tsv.mining").exists()


def test_a_merge_done_again_after_its_parts_are_gone(tmp_path):
    worker = Worker(Given(Options(), False, Folder(str(tmp_path))))
    for number, (ids, sims) in enumerate([([[3, 1]], [[0.9, 0.2]]), ([[7, -1]], [[0.9, -1]])]):
        worker.blocks.save(f"ar/near-{number}.npy", stages._records(Neighbours(np.array(ids), np.array(sims, np.float32))))
    item = stages.Merge("ar/near.npy", ("ar/near-0.npy", "ar/near-1.npy"))
    for _ in range(2):
        stages.merge(worker, item)
        (found,) = stages.Near(worker.blocks, ("ar/near.npy",))
        assert found.ids.tolist() == [[3, 7]] and found.sims.tolist() == [[np.float32(0.9)] * 2]
    assert os.listdir(tmp_path / "ar") == ["near.npy"]


def test_a_worker_keeps_the_index_it_looked_into_last(tmp_path):
    folder = Folder(str(tmp_path))
    for number in range(3):
        folder.save(f"ar/vectors-{number}.npy", np.eye(4, dtype=np.float16))
    worker = Worker(Given(Options(), False, folder), room=2)
    shards = [stages.Shard((f"ar/vectors-{number}.npy",), (), 4 * number) for number in range(3)]
    plan = neighbours.Plan("flat")
    first, second = worker.index(plan, shards[0]), worker.index(plan, shards[1])
    assert worker.index(plan, shards[0]) is first
    worker.index(plan, shards[2])
    assert worker.index(plan, shards[0]) is first and worker.index(plan, shards[1]) is not second


def test_the_arithmetic_of_the_encoder_depends_on_the_whole_not_on_the_block():
    class Fake:
        settled = 0

        def settle(self):
            self.settled += 1

    for much in (False, True):
        fake = Fake()
        worker = Worker(Given(Options(), much, Folder("x")), fake)
        assert worker.encoder is worker.encoder is fake and fake.settled == much


@pytest.mark.parametrize("late", [0, 5, 39])
def test_results_of_a_cluster_keep_their_order_and_do_not_wait_for_ever(late):
    from align.run.mining import _AHEAD, _DONE, _Pool

    class Ray:
        """A cluster on which one item takes longer than all others together."""

        class exceptions:
            RayError = ZeroDivisionError

        waits, most = 0, 0

        def cluster_resources(self):
            return {"CPU": 2.0}

        def remote(self, **_):
            return lambda function: self

        def wait(self, answers, num_returns):
            self.waits += 1
            assert self.waits < 100
            self.most = max(self.most, len(answers))
            return [next((one for one in answers if one != late), late)], []

        def get(self, answer):
            return answer * 10, None

    ray = Ray()
    pool = _Pool(ray, Given(Options(), False, Folder("x")))
    pool.task = type("", (), {"remote": staticmethod(lambda key, given, stage, item: item)})
    assert list(pool.results(stages.sample, range(40))) == [number * 10 for number in range(40)]
    assert ray.most == 2 * _AHEAD and ray.waits == 40 and _DONE > _AHEAD


# ---- blocks


def test_a_block_is_whole_or_not_there(tmp_path, monkeypatch):
    folder = Folder(str(tmp_path))
    rows = np.arange(12, dtype=np.float16).reshape(4, 3)
    folder.save("ar/a.npy", rows)
    assert folder.shape("ar/a.npy") == (4, 3) and np.load(tmp_path / "ar" / "a.npy").tolist() == rows.tolist()
    assert isinstance(folder.load("ar/a.npy"), np.memmap)
    (tmp_path / "ar" / "a.npy").write_bytes((tmp_path / "ar" / "a.npy").read_bytes()[:-1])
    assert folder.shape("ar/a.npy") is None and folder.shape("ar/none.npy") is None
    with pytest.raises(InputError, match="gone or damaged; every machine must see this folder"):
        folder.load("ar/a.npy")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"ar/b\.npy: cannot be written: No space left on device"):
        folder.save("ar/b.npy", rows)
    assert os.listdir(tmp_path / "ar") == ["a.npy"]


def test_blocks_on_object_storage(tmp_path, monkeypatch):
    pytest.importorskip("fsspec")
    from align.run.mining import Objects, _make_room

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    blocks = Objects("memory://bucket/steps")
    rows = np.arange(12, dtype="<i4").reshape(4, 3)
    assert blocks.shape("ar/vectors-1.npy") is None
    blocks.save("ar/vectors-1.npy", rows)
    assert blocks.shape("ar/vectors-1.npy") == (4, 3) and not blocks.is_empty()
    for _ in range(2):
        assert blocks.load("ar/vectors-1.npy").tolist() == rows.tolist()
    (copies,) = tmp_path.iterdir()
    assert len(os.listdir(copies)) == 1
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("", (), {"free": 0}))
    _make_room(copies, 10)
    assert not os.listdir(copies)
    blocks.load("ar/vectors-1.npy")
    blocks.remove("ar/vectors-1.npy")
    with pytest.raises(InputError, match=r"memory://bucket/steps/ar/vectors-1\.npy: is gone"):
        blocks.load("ar/vectors-1.npy")
    blocks.forget()
    assert not list(tmp_path.iterdir())


def test_object_storage_and_a_full_disk_here(tmp_path, monkeypatch):
    fsspec = pytest.importorskip("fsspec")
    from align.run import mining

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    blocks = mining.Objects("memory://bucket/full")
    blocks.save("ar/a.npy", np.zeros(3))
    monkeypatch.setattr(type(fsspec.filesystem("memory")), "get_file", full)
    with pytest.raises(OutputError, match=rf"full/ar/a\.npy: cannot be fetched to {tmp_path}/muwazi-blocks-.*: No space left"):
        blocks.load("ar/a.npy")
    monkeypatch.setattr(mining, "write", full)
    with pytest.raises(OutputError, match=rf"^{tmp_path}/muwazi-.*/block\.npy: cannot be written: No space left"):
        blocks.save("ar/b.npy", np.zeros(3))
    assert blocks.shape("ar/b.npy") is None


# ---- the command


@pytest.fixture
def files(tmp_path):
    for name, lines in (("ar.txt", [a for a, _ in PAIRS] + LONE_AR), ("en.txt", [e for _, e in PAIRS] + LONE_EN)):
        (tmp_path / name).write_text("".join(text + "\n" for text in lines), "utf-8")
    return tmp_path / "ar.txt", tmp_path / "en.txt"


def test_inputs_work_and_output_on_object_storage(muwazi, files, tmp_path):
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    for path in files:
        memory.pipe_file(f"/mine/{path.name}", path.read_bytes())
    here = muwazi("mine", *files, "--segmented").out.splitlines()
    given = ("mine", "memory://mine/ar.txt", "memory://mine/en.txt", "--segmented", "-o", "memory://mine/pairs.tsv")
    assert muwazi(*given, "--work", "memory://mine/steps").status == 0
    there = memory.cat_file("/mine/pairs.tsv").decode().splitlines()
    assert [line.split("\t")[:9] for line in there] == [line.split("\t")[:9] for line in here]
    assert there[0].split("\t")[9:] == ["memory://mine/ar.txt", "memory://mine/en.txt"]
    assert len(memory.glob("/mine/steps/*/vectors-*.npy")) == 2 and not memory.exists("/mine/steps/.lease")
    refused = muwazi(*given)
    assert refused.status == 7 and "pairs.tsv: exists already; --force" in refused.err
    assert muwazi(*given, "--force").status == 0 and not memory.glob("/mine/pairs.tsv.mining/*")
    assert muwazi(*given[:4], "-f", "moses", "-o", "memory://mine/both").status == 0
    assert len(memory.cat_file("/mine/both.ar").splitlines()) == len(there)
    gone = muwazi("mine", "memory://mine/none.txt", files[1], "--segmented")
    assert gone.status == 3 and gone.err == "muwazi: memory://mine/none.txt: no such file\n"
    memory.rm("/mine", recursive=True)


def test_a_working_folder_that_cannot_be(muwazi, files):
    result = muwazi("mine", *files, "--segmented", "--work", files[0] / "work")
    assert result.status == 7 and result.err == f"muwazi: {files[0] / 'work'}: cannot be the working folder: Not a directory\n"
    with pytest.raises(OutputError, match="cannot be the working folder"):
        mine_lines(["a"], ["b"], work=files[0] / "work")


def test_a_run_killed_before_it_read_anything_is_no_obstacle(muwazi, files, tmp_path):
    place = tmp_path / "pairs.tsv.mining"
    (place / "ar").mkdir(parents=True)
    (place / ".lock").write_text("process 1\n")
    assert muwazi("mine", *files, "--segmented", "-o", tmp_path / "pairs.tsv").status == 0 and not place.exists()
    (place / "ar").mkdir(parents=True)
    (place / "ar" / "thesis.txt").write_text("dear to someone")
    refused = muwazi("mine", *files, "--segmented", "-o", tmp_path / "pairs.tsv", "--force")
    assert refused.status == 2 and "exists and is no working folder" in refused.err and (place / "ar" / "thesis.txt").exists()


def test_two_runs_on_one_folder_are_refused(muwazi, files, tmp_path):
    from align.engine.lease import locked
    from align.engine.storage import Store

    (tmp_path / "work").mkdir()
    with locked(Store(str(tmp_path / "work"))):
        result = muwazi("mine", *files, "--segmented", "--work", tmp_path / "work")
    assert result.status == 7 and "another run works on it" in result.err


def test_what_was_encoded_stays_where_the_disk_is_full(muwazi, files, tmp_path, monkeypatch):
    real = Folder.save

    def save(self, name, rows):
        if "near-" in name:
            raise OutputError(f"{name}: cannot be written: No space left on device")
        real(self, name, rows)

    monkeypatch.setattr(Folder, "save", save)
    result = muwazi("mine", *files, "--segmented", "-o", tmp_path / "pairs.tsv")
    assert result.status == 7 and "stays in" in result.err and "No space left" in result.err
    assert len(list((tmp_path / "pairs.tsv.mining").glob("*/vectors-*.npy"))) == 2
    monkeypatch.undo()
    monkeypatch.setattr(stages, "encode", None)  # nothing is left to encode
    assert muwazi("mine", *files, "--segmented", "-o", tmp_path / "pairs.tsv").status == 0
    assert not (tmp_path / "pairs.tsv.mining").exists()


@pytest.mark.parametrize("arguments, status, text", [
    (("--engine", "spark"), 2, "--engine is local or ray, not 'spark'"),
    (("--ray-address", "auto"), 2, "--ray-address is for --engine ray"),
    (("--engine", "ray"), MissingExtra.status, "--engine ray needs: pip install 'muwazi[ray]'"),
], ids=["unknown", "no engine", "no ray"])
def test_engines_that_cannot_be_had(muwazi, files, monkeypatch, arguments, status, text):
    monkeypatch.setitem(sys.modules, "ray", None)
    result = muwazi("mine", *files, "--segmented", *arguments)
    assert result.status == status and result.err == f"muwazi: {text}\n" and not result.out
