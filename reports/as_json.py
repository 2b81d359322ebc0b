"""The report as JSON, for programs."""

from __future__ import annotations

import json

from conformance.results import Log
from reports.causes import causes
from reports.summary import rows

SCHEMA = 2


def render(log: Log) -> str:
    """Header, summary rows (of a grid), every record and the footer; ``schema`` changes when a field does."""
    data = {
        "schema": SCHEMA,
        "header": log.header,
        "summary": [
            {
                "block": row.block,
                "runtime": row.runtime,
                "counts": dict(row.counts),
                "worst_error": row.worst,
                "measured_precision": row.precision,
            }
            for row in (rows(log) if log.header["tier"] != "invalid" else ())
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
            for runtime, block, verdict, e in (causes(log) if log.header["tier"] != "invalid" else ())
        ],
        "results": [vars(record) for record in log.records],
        "footer": log.footer,
    }
    return json.dumps(data, indent=1, allow_nan=False)
