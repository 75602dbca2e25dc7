#!/usr/bin/env python3
"""What a corpus costs: core-hours, accelerator-hours, memory, disk, and where the bottleneck is, from measured rates.

usage: cost_model.py RATES.json [PAIRS ...]     for so many sentence pairs (default 1e6 1e9)
       cost_model.py --help                     the assumptions that can be set

RATES.json is what `bench_run.py speed ... --json RATES.json` writes; its row of most lines counts, and where rows were
measured with and without flags, the flags' cost is their difference. With `--mining FILE`, which `bench_mine.py --rates
FILE` writes, mining is reckoned too. What no row tells is an assumption, printed as such: the rates of an accelerator,
of the network and of object storage, which are options. Nothing here is measured beyond the size of the largest row:
costs by size are taken to be straight lines, which that file's own rows show as far as they go; those of searching
grow with the rows and cells that a query is compared with.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from align.mine.flow import TOGETHER
from align.neighbours import SHARD_ROWS, plan_index

PART = 4 * 2**20  # bytes of files after which a run closes a part
DRIVER = 400e6  # bytes that mining's driver has in memory while it sorts, measured with 1 and 3 million lines a side


@dataclass(frozen=True, slots=True)
class Rates:
    """What one sentence (of either side) takes: seconds of a core by stage, bytes of text, of output, of memory."""

    stages: dict[str, float]
    text: float
    output: float
    pairs: float
    worker_memory: float

    @property
    def core_seconds(self) -> float:
        """Seconds of a core for a sentence, all stages."""
        return sum(self.stages.values())


@dataclass(frozen=True, slots=True)
class Assumed:
    """What was not measured: sentences a second that an accelerator encodes (all spans), the factor by which a
    transformer costs a core more than the embedded encoder, megabytes a second of storage, cores and memory of a
    machine, and bytes of a vector in an index."""

    card_rate: float
    transformer_factor: float
    storage: float
    cores: int
    memory: float
    dimension: int
    code: int


def rates(rows: list[dict]) -> Rates:
    """The rates in the row of most lines, with flags where some row has them."""
    largest = max((row for row in rows if not row["flags"]), key=lambda row: row["lines"], default=None)
    flagged = max((row for row in rows if row["flags"]), key=lambda row: row["lines"], default=None)
    base = largest or flagged
    stages = by_stage(base)
    if flagged is not None and flagged is not base:
        # States of words come from the encoder's pass, so that flags cost there as well.
        own = by_stage(flagged)
        stages["flags"] = own.get("flags", 0.0) + max(0.0, own["encode"] - stages["encode"])
    return Rates(stages, base["input_bytes"] / base["sentences"], base["output_bytes"] / base["sentences"],
                 base["pairs"] / base["sentences"], base["peak_bytes"] / base["jobs"])


def by_stage(row: dict) -> dict[str, float]:
    """Seconds of a core for a sentence: what the system accounted, shared out as the stages' own clocks ran."""
    cost = row["core_seconds"] / row["sentences"] / sum(row["stages"].values())
    return {name: value * cost for name, value in row["stages"].items()}


def size(value: float) -> str:
    """Bytes for people."""
    for name in ("B", "kB", "MB", "GB", "TB", "PB"):
        if value < 1000 or name == "PB":
            return f"{value:.3g} {name}"
        value /= 1000
    return ""


def span(hours: float) -> str:
    """Hours for people."""
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:,.1f} h" if hours < 48 else f"{hours / 24:,.1f} d"


def table(found: Rates, assumed: Assumed, pairs: float) -> None:
    """The costs of a corpus of so many pairs."""
    sentences = pairs / found.pairs
    print(f"\n{pairs:,.0f} sentence pairs ({sentences:,.0f} sentences, {size(sentences * found.text)} of text)")
    plain = {name: cost for name, cost in found.stages.items() if name != "flags"}
    total = {"without flags": sum(plain.values())}
    if "flags" in found.stages:
        total["with flags"] = found.core_seconds
    for name, cost in total.items():
        hours = sentences * cost / 3600
        print(f"  {name}: {hours:,.1f} core-hours = {span(hours / assumed.cores)} on a machine of {assumed.cores} cores, "
              f"{span(hours / assumed.cores / 100)} on 100 of them")
    by_stage = sorted(found.stages.items(), key=lambda item: -item[1])
    print("  by stage: " + ", ".join(f"{name} {sentences * cost / 3600:,.2f}" for name, cost in by_stage) + " core-hours")
    # With a transformer the encoding goes to cards, and the rest stays on cores.
    rest = sum(cost for name, cost in found.stages.items() if name != "encode")
    cards = sentences / assumed.card_rate / 3600
    cpu = sentences * found.stages["encode"] * assumed.transformer_factor / 3600
    print(f"  with a transformer: {cards:,.1f} GPU-hours ({assumed.card_rate:,.0f} sentences/s a card, all spans), "
          f"or {cpu:,.0f} core-hours without cards")
    print(f"    {rest * assumed.card_rate:.1f} cores a card keep up with it (read, segment, align, write"
          + (", flags" if "flags" in found.stages else "") + ")")
    workers = max(1, min(assumed.cores, int(assumed.memory / found.worker_memory)))
    print(f"  memory: {size(found.worker_memory)} a worker, whatever the corpus: {workers} workers on a machine of "
          f"{size(assumed.memory)}")
    disk = sentences * found.output
    print(f"  disk: {size(disk)} of output in {max(1.0, sentences * found.text / PART):,.0f} parts of {size(PART)} of text")
    need = (sentences * (found.text + found.output)) / (assumed.storage * 1e6) / 3600
    hours = sentences * total["without flags"] / 3600 / assumed.cores
    print(f"  storage: {span(need)} at {assumed.storage:,.0f} MB/s; it becomes the bottleneck beyond "
          f"{hours / need:,.0f} machines of {assumed.cores} cores")
    print(f"  mining all of it: vectors {size(sentences * assumed.dimension * 2)} and index {size(sentences * assumed.code)} on the disk; "
          f"in memory {size(SHARD_ROWS['pq'] * (assumed.code + 8))} of an index a task, and {size(DRIVER + sentences)} in the driver")


def mining(found: dict, assumed: Assumed, pairs: float) -> None:
    """What it takes to mine as many lines a side as there are pairs, by what `bench_mine.py` measured.

    A query is compared with the codes in the cells it visits, and, once for each 64 shards, with all centres of cells.
    """
    lines, measured = int(pairs), found["indexes"]
    plan = plan_index(lines, assumed.dimension, lines, int(assumed.memory), sharded=True)
    cost = {name: 2 * lines * found["stages"][name] * found["cores"] / found["lines"] for name in ("read", "encode", "judge")}
    flat = per_product(measured["flat"], 1.0, found["cores"])
    if plan.kind == "flat":
        cost["search"] = 2 * lines * lines * flat
    else:
        one = measured[plan.kind]
        then = plan_index(one["rows"], assumed.dimension, one["queries"], kind=plan.kind)
        groups = -(-lines // (SHARD_ROWS[plan.kind] * TOGETHER))
        products = per_product(one, then.probes / then.cells, found["cores"])
        cost["search"] = 2 * lines * (lines * plan.probes / plan.cells * products + groups * plan.cells * flat)
        # To put a row into its cell it is compared with all centres.
        grown = plan.cells / then.cells
        # What cells are learnt from grows with them, and each of it is compared with all of them.
        cost["index"] = 2 * found["cores"] * (lines * one["built"] / one["rows"] * grown + one["trained"] * grown**2)
    total = sum(cost.values()) / 3600
    print(f"  mining {lines:,} lines a side ({plan.kind}, {plan.cells:,} cells): {total:,.1f} core-hours = "
          f"{span(total / assumed.cores)} on a machine of {assumed.cores} cores; "
          + ", ".join(f"{name} {value / 3600:,.2f}" for name, value in sorted(cost.items(), key=lambda item: -item[1])))


def per_product(measured: dict, share: float, cores: int) -> float:
    """Core-seconds a query and row compared, where a share of the rows is."""
    return measured["searched"] * cores / (measured["queries"] * measured["rows"] * share)


def main() -> None:
    """Print the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rates", type=Path)
    parser.add_argument("pairs", type=float, nargs="*")
    parser.add_argument("--mining", type=Path, help="what `bench_mine.py --rates FILE` wrote")
    parser.add_argument("--card-rate", type=float, default=1500, help="sentences a second on one card, all spans of 1 to 8")
    parser.add_argument("--transformer-factor", type=float, default=250,
                        help="how much longer a core takes to encode with a transformer, all spans")
    parser.add_argument("--storage", type=float, default=500, help="MB/s that storage reads and writes")
    parser.add_argument("--cores", type=int, default=16, help="cores of a machine")
    parser.add_argument("--memory", type=float, default=64e9, help="bytes of memory of a machine")
    parser.add_argument("--dimension", type=int, default=512, help="of vectors in an index")
    parser.add_argument("--code", type=int, default=64, help="bytes of a vector in a compressed index")
    given = parser.parse_args()
    rows = json.loads(given.rates.read_text("utf-8"))
    found = rates(rows)
    assumed = Assumed(given.card_rate, given.transformer_factor, given.storage, given.cores, given.memory, given.dimension,
                      given.code)
    print(f"measured on {max(row['lines'] for row in rows):,} lines a side: {found.core_seconds * 1e3:.2f} ms of a core for a "
          f"sentence ({', '.join(f'{name} {cost * 1e3:.3f}' for name, cost in found.stages.items())}), "
          f"{found.text:.0f} B of text, {found.output:.0f} B of output")
    print("assumed: " + ", ".join(f"--{name.replace('_', '-')} {getattr(given, name):g}" for name in
                                  ("card_rate", "transformer_factor", "storage", "cores", "memory", "dimension", "code")))
    for pairs in given.pairs or [1e6, 1e9]:
        table(found, assumed, pairs)
        if given.mining:
            mining(json.loads(given.mining.read_text("utf-8")), assumed, pairs)


if __name__ == "__main__":
    main()
