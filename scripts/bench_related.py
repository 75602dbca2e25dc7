#!/usr/bin/env python3
"""Whether unrelated texts are told from versions of one text.

usage: bench_related.py [DATA]    DATA holds gold/*.jsonl and docs/*.jsonl; default: shared/data beside the checkout

Of each collection some documents are aligned with their counterparts, and with the counterparts of other documents of the same
collection, which are about the same things. Printed are quantiles of the greater share answered, and how many fall on the
wrong side of the threshold.
"""

import json
import random
import sys
from pathlib import Path

import numpy as np

from align import align_segments
from align.encode import load
from align.errors import MuwaziError
from align.versions import UNRELATED, shares_answered

HERE = Path(__file__).resolve().parents[1]
SETS = ["gold/transread", "gold/mac_dev", "gold/rasaif", "gold/stories_ar_en", "gold/bilinguator_ar_en", "gold/kobo_then",
        "gold/kobo_drift", "gold/thaqalayn", "gold/rpi_then", "gold/asp_summaries", "docs/ntrex", "docs/tico19", "docs/debian_handbook",
        "docs/mozilla_www", "docs/bible", "docs/quran", "docs/xquad"]
MOST = 10

def main() -> None:
    """Print a line a collection, and the sums."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "shared" / "data"
    if not (data / "gold").is_dir():
        sys.exit(f"{data / 'gold'}: no such folder; name the folder that holds gold/*.jsonl and docs/*.jsonl")
    encoder, wrong = load(), [0, 0, 0, 0]
    for name in SETS:
        records = [json.loads(line) for line in (data / f"{name}.jsonl").open(encoding="utf-8")]
        random.Random(1).shuffle(records)
        sides = [(r["first"], r["second"]) if "first" in r else (r["ar"], r["en"]) for r in records[:MOST]]
        langs = records[0].get("langs", ["ar", "en"])
        seen: list[list[float]] = [[], []]
        for k, (first, _) in enumerate(sides):
            for other in (k, (k + 1) % len(sides)):
                if other == k or len(sides) > 1:
                    try:
                        found = align_segments(first, sides[other][1], encoder=encoder, langs=tuple(langs),
                                               language_check=False)
                    except MuwaziError:
                        continue
                    seen[other != k].append(max(shares_answered(found)))
        if not seen[1]:
            continue
        same, strange = map(np.array, seen)
        for at, part, fault in ((0, same, same < UNRELATED), (2, strange, strange >= UNRELATED)):
            wrong[at] += int(fault.sum())
            wrong[at + 1] += int(np.isfinite(part).sum())
        print(f"{name:24} versions: least {np.nanmin(same):.2f}, median {np.nanmedian(same):.2f}   "
              f"strangers: median {np.nanmedian(strange):.2f}, greatest {np.nanmax(strange):.2f}", flush=True)
    print(f"versions called unrelated: {wrong[0]} of {wrong[1]}; strangers not called so: {wrong[2]} of {wrong[3]}")

if __name__ == "__main__":
    main()
