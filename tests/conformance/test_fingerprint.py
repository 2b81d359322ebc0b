"""What a log says of its corpus, its judge and its machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conformance import fingerprint

ROOT = Path(__file__).parents[2]
LOG_ONLY = {
    "blockwise",
    "fingerprint",
    "guard",
    "log_lines",
    "results",
    "resume",
    "runner",
    "session",
    "shards",
    "worker",
}


def test_the_judge_is_all_that_makes_a_record() -> None:
    """Every module of ours that judging imports, but for those that plan, run and write."""
    code = (
        "import sys, conformance.execute, conformance.invalid; print(*(n for n in sys.modules if n.startswith('conf')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = {name.split(".")[1] for name in done.stdout.split() if name.startswith("conformance.")}
    assert imported - LOG_ONLY == set(fingerprint.JUDGE)


def test_a_changed_or_renamed_source_is_another_corpus(tmp_path: Path) -> None:
    """Ends of lines as a checkout on Windows has them are no change."""
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_bytes(b"x = 1\ny = 2\n")
    second.write_bytes(b"z = 3\n")
    before = fingerprint.digest([first, second])
    assert fingerprint.digest([second, first]) == before
    first.write_bytes(b"x = 1\r\ny = 2\r\n")
    assert fingerprint.digest([first, second]) == before
    first.write_bytes(b"x = 1\ny = 3\n")
    assert fingerprint.digest([first, second]) != before
    assert fingerprint.digest([first.rename(tmp_path / "c.py")]) != fingerprint.digest([second])


def test_the_corpus_is_every_source_of_graphs_and_reference() -> None:
    paths = [path for package in fingerprint.CORPUS for path in fingerprint.sources(package)]
    assert paths == [p for name in ("graphs", "reference") for p in sorted((ROOT / name).rglob("*.py"))]
    assert len(fingerprint.corpus()) == len(fingerprint.judge()) == 64


def test_the_processor_s_name(tmp_path: Path) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text("processor\t: 0\nmodel name\t: A Processor (R) 2\nmodel name\t: other\n", encoding="utf-8")
    assert fingerprint.cpu(path) == "A Processor (R) 2"
    assert fingerprint.cpu(tmp_path / "none")


def test_the_host_names_what_it_has() -> None:
    host = fingerprint.host(["avx2"])
    assert host["able"] == ["avx2"]
    assert host["cpu"]
    assert isinstance(host["gpu"], list)
