"""Fuzz what reads strangers' bytes: ``python fuzz/run.py [--minutes N] [TARGET]…``; all targets where none is named.

A target is a file beside this one: ``seeds()`` gives bytes to begin with, ``attack(data)`` returns, or raises where the
house does what it must not. Adding one is adding a file. Each runs in a process of its own under atheris, for so many
minutes; what reached new code is kept in ``fuzz/corpus/TARGET``, what was found goes to ``fuzz/found``, neither of them
under version control. A find becomes a case: put its bytes under ``fuzz/cases/TARGET/``, which
`tests/test_fuzz_targets.py` reads for good.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parent

LONGEST = 1 << 16
"""Bytes of the longest input tried: bounds are for sizes, fuzzing for shapes."""

SECONDS = 20
"""Seconds after which one input counts as a hang."""

MEGABYTES = 3_000
"""Memory above which one input counts as a bomb."""


def targets() -> list[str]:
    """The names of all targets."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.name != Path(__file__).name)


def target(name: str) -> ModuleType:
    """The target called ``name``."""
    spec = importlib.util.spec_from_file_location(f"fuzz_{name}", FOLDER / f"{name}.py")
    if not spec or not spec.loader:
        raise SystemExit(f"no target {name}; expected one of {', '.join(targets())}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fuzz(name: str, minutes: float) -> None:
    """Run one target in this process; atheris ends it."""
    import atheris

    with atheris.instrument_imports(include=["tesuki"]):
        found = target(name)
    corpus = FOLDER / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(found.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    finds = FOLDER / "found"
    finds.mkdir(exist_ok=True)
    words = [f"-max_total_time={int(minutes * 60)}", f"-max_len={LONGEST}", f"-timeout={SECONDS}"]
    words += [f"-rss_limit_mb={MEGABYTES}", f"-artifact_prefix={finds}/{name}-", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *words, str(corpus)], found.attack)
    atheris.Fuzz()


def main() -> int:
    """Run the targets named, one after the other; 1 where one of them found something."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(targets())}")
    parser.add_argument("--minutes", type=float, default=2.0, help="for each target (default 2)")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.here:
        fuzz(asked.targets[0], asked.minutes)
        return 0
    failed = []
    for name in asked.targets or targets():
        print(f"== {name}", flush=True)
        done = subprocess.run([sys.executable, __file__, "--here", "--minutes", str(asked.minutes), name], check=False)
        if done.returncode:
            failed.append(name)
    if failed:
        print(f"found something: {', '.join(failed)}; the bytes are in {FOLDER / 'found'}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
