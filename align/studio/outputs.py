"""What is downloaded of a review: bitext, lists of findings, the corrections themselves."""

import io
import json
import tempfile
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..pipeline import flags_by_bead
from ..report.listing import write_findings
from ..write import Shown, write
from .store import Store
from .work import judged_of

BITEXT = {"tmx": "application/x-tmx+xml", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
          "tsv": "text/tab-separated-values; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}  # fmt: skip
FINDINGS = {"findings.xlsx": BITEXT["xlsx"], "findings.html": "text/html; charset=utf-8",
            "findings.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}  # fmt: skip
CORRECTIONS = "corrections.json"
NAMES = (*BITEXT, *FINDINGS, CORRECTIONS)


def made(store: Store, id: str, name: str) -> tuple[bytes, str]:
    """A download of a review as it was saved last, and its media type; raises UsageError for an unknown one."""
    if name not in NAMES:
        raise UsageError(f"there is no download {name!r}; there are {', '.join(NAMES)}")
    judged, found = judged_of(store, id)
    if name in FINDINGS:
        stream = io.BytesIO()
        write_findings(stream, judged, name.rpartition(".")[2], store.meta("reviews", id).get("title", ""))
        return stream.getvalue(), FINDINGS[name]
    if name == CORRECTIONS:
        record: Any = store.corrections(id)[1]
        if record is None:
            from .work import untouched

            record = untouched(json.loads((store.path("reviews", id) / "page.json").read_text("utf-8")))
        return json.dumps(record, ensure_ascii=True).encode() + b"\n", "application/json"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"bitext.{name}"
        flags = flags_by_bead(judged) if name != "tsv" else None
        write(path, judged.ar, judged.en, judged.alignment, format=name, shown=Shown(flags=flags, edits=found.edits))
        return path.read_bytes(), BITEXT[name]
