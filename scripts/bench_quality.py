#!/usr/bin/env python3
"""Score the aligner on documents with gold, beside Vecalign's programme (`sentweave`) with the same vectors.

usage: bench_quality.py [--data DATA] SET[:MOST]...    SET is DATA/docs/SET.jsonl; default DATA: shared/data beside the
                                                       checkout; without SET a list of twelve

A line a set: strict and lax F1 as Vecalign's scorer has them, F1 of one-sided lines. The shipped weights were learnt from some of
these documents; for collections left out see `train_beads.py`.
"""

import json
import sys
from pathlib import Path

import numpy as np

from align import align_segments
from align.encode import load, span_vectors
from align.evaluate.alignment import evaluate, index_beads

SETS = ["ntrex", "ntrex__merged", "ntrex__noisy", "tico19", "tico19__merged", "tico19__noisy", "debian_handbook",
        "mozilla_www__noisy", "react_docs__merged", "react_docs__noisy", "bible", "quran"]


def vecalign(spans: list[np.ndarray], pad: np.ndarray) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Beads that Vecalign's programme finds for the spans of two sides, with its own defaults for beads up to n + m = 8.

    It counts spans by their last line, and has the vector `pad` of the text PAD where a span would begin before the first.
    """
    from sentweave.dp_utils import make_alignment_types
    from sentweave.dp_utils import vecalign as run

    by_end = []
    for side in spans:
        out = np.repeat(np.repeat(pad[None, None], side.shape[1], 1), len(side), 0)
        for k in range(min(len(side), side.shape[1])):
            out[k, k:] = side[k, : side.shape[1] - k]
        by_end.append(out)
    np.random.seed(42)
    stack = run(vecs0=by_end[0], vecs1=by_end[1], final_alignment_types=make_alignment_types(8), del_percentile_frac=0.2,
                width_over2=9, max_size_full_dp=300, costs_sample_size=20000, num_samps_for_norm=100)
    return [(tuple(map(int, a)), tuple(map(int, e))) for a, e in stack[0]["final_alignments"]]


def main() -> None:
    """Score the sets."""
    arguments = sys.argv[1:]
    data = Path(__file__).resolve().parents[2] / "shared" / "data"
    if arguments[:1] == ["--data"] and len(arguments) > 1:
        data, arguments = Path(arguments[1]), arguments[2:]
    if not (data / "docs").is_dir():
        sys.exit(f"{data / 'docs'}: no such folder; name the folder that holds docs/*.jsonl with --data")
    try:
        import sentweave  # noqa: F401
        rival = True
    except ImportError:
        print("sentweave is not installed: pip install sentweave")
        rival = False
    encoder = load(cache=False)
    pad = encoder.encode(["PAD"])[0]
    print(f"{'set':24} docs  muwazi strict | lax   one-sided    Vecalign strict | lax   one-sided")
    for name in arguments or SETS:
        name, _, most = name.partition(":")
        gold, ours, theirs = [], [], []
        lines = (data / "docs" / f"{name}.jsonl").read_text("utf-8").splitlines()
        for line in lines[:int(most) if most else None]:
            doc = json.loads(line)
            gold.append([(tuple(a), tuple(e)) for a, e in doc["gold"]])
            found = align_segments(doc["ar"], doc["en"], encoder=encoder, language_check=False)
            ours.append(index_beads(found.alignment))
            if rival:
                theirs.append(vecalign([span_vectors(encoder, doc[lang], 8).spans for lang in ("ar", "en")], pad))
        row = f"{name:24} {len(gold):4} "
        for predicted in (ours, theirs) if rival else (ours,):
            s = evaluate(gold, predicted)
            lone = s.one_sided["both"]
            row += f"  {s.strict.f1:13.4f} | {s.lax.f1:.4f} " + (f"{lone.f1:6.3f}/{lone.gold:4}" if lone.gold else " " * 11)
        print(row, flush=True)


if __name__ == "__main__":
    main()
