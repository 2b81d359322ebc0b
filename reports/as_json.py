"""The report as JSON, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.results import Results
from reports.causes import causes
from reports.summary import rows

SCHEMA = 2


def pieces(log: Results) -> Iterator[str]:
    """Header, summary rows (of a grid), every record and the footer; ``schema`` changes when a field does."""
    # The first one is ours: what the log decides stands behind it, or in strings, whose quotes are escaped.
    before, _, after = json.dumps(_around(log), indent=1, allow_nan=False).partition('"results": []')
    yield before + '"results": ['
    comma = ""
    for record in log.records:
        yield f"{comma}\n  {json.dumps(vars(record), allow_nan=False)}"
        comma = ","
    yield "\n ]" + after


def _around(log: Results) -> dict[str, Any]:
    """All but the records, which are not held together."""
    is_grid = log.header["tier"] != "invalid"
    return {
        "schema": SCHEMA,
        "summary": [
            {
                "block": row.block,
                "runtime": row.runtime,
                "counts": dict(row.counts),
                "worst_error": row.worst,
                "measured_precision": row.precision,
            }
            for row in (rows(log) if is_grid else ())
        ],
        "causes": [
            {
                "runtime": runtime,
                "block": block,
                "verdict": verdict,
                "failures": e.failures,
                "explained": e.explained,
                "passes": e.passes,
                "passes_with_a_cause": e.excused,
                "causes": [vars(cause) for cause in e.causes],
            }
            for runtime, block, verdict, e, _ in (causes(log) if is_grid else ())
        ],
        "results": [],
        "header": log.header,
        "footer": log.footer,
    }
