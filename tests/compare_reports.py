"""Whether two reports hold the same: attention, certificates, maps, statistics and labels.

    python tests/compare_reports.py OLD NEW                    # exit code 1, and what differs
    python tests/compare_reports.py OLD NEW --package FOLDER   # the attnviz in FOLDER reads OLD

Both are read through the public Python API alone, so that reports of two formats, or of two ways to
write one, can be compared: for a change that is to leave every number as it is.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.generic]]

TOLERANCE: Final = 1e-6


def arrays_of(folder: Path) -> Arrays:
    """Everything that is compared, by name; texts as arrays of text."""
    import attnviz

    report = attnviz.open_report(folder)
    table = report.heads
    arrays: Arrays = {
        f"heads/{name}": np.array([str(value) for value in table[name].to_pylist()])
        if name in ("model", "stack", "labels")
        else np.array(table[name].to_pylist(), np.float64)
        for name in table.column_names
    }
    for model in report.manifest.models:
        documents = report.documents_of(model.name)
        for number, document in enumerate(documents):
            for axis, tokens in document.axes.items():
                arrays[f"{model.name}/{axis}/tokens/{number}"] = np.array(tokens.texts, str)
        for head in model.heads:
            place = {"stack": head.stack, "model": model.name}
            name = f"{model.name}/{head.stack}/L{head.layer}H{head.head}"
            certificate = report.certificate(head.layer, head.head, **place)
            figures = certificate.total_variation, certificate.max_error, certificate.top1
            arrays[f"{name}/certificate"] = np.array(figures)
            for number in range(len(documents)):
                try:
                    attention = report.attention(head.layer, head.head, number, **place)
                except attnviz.InputError:  # the model does not take this document
                    continue
                arrays[f"{name}/attention/{number}"] = attention
            for kind in head.maps:
                method, _, dimensions = kind.rpartition("-")
                points = report.map(
                    head.layer, head.head, method, int(dimensions.removesuffix("d")), **place
                )
                arrays[f"{name}/map/{kind}"] = np.concatenate(points)
    return arrays


def differences(old: Arrays, new: Arrays, tolerance: float = TOLERANCE) -> list[str]:
    """What is not the same, each with its name; [] where everything is."""
    problems = [f"{name}: is only in one of the two" for name in sorted(old.keys() ^ new.keys())]
    for name in sorted(old.keys() & new.keys()):
        a, b = old[name], new[name]
        if a.shape != b.shape:
            problems.append(f"{name}: {a.shape} and {b.shape}")
        elif a.dtype.kind == "U" or b.dtype.kind == "U":
            if (a != b).any():
                problems.append(f"{name}: {(a != b).sum()} of {a.size} texts differ")
        elif not np.allclose(a, b, rtol=0, atol=tolerance, equal_nan=True):
            apart = np.nanmax(np.abs(a.astype(np.float64) - b.astype(np.float64)))
            problems.append(f"{name}: differs by up to {apart:.3g}")
    return problems


def _read_by(package: Path, folder: Path) -> Arrays:
    """The arrays of a report, read by another attnviz in a process of its own."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "arrays.npz"
        command = [sys.executable, __file__, "--write", str(file), str(folder)]
        environment = os.environ | {"PYTHONPATH": str(package.resolve())}
        subprocess.run(command, check=True, env=environment)
        with np.load(file) as archive:
            return {name: archive[name] for name in archive.files}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path, nargs="?")
    parser.add_argument("--package", type=Path, help="folder of the attnviz that reads OLD")
    parser.add_argument("--write", type=Path, help="write OLD's arrays to this file, compare none")
    options = parser.parse_args()
    if options.write:
        np.savez(options.write, **arrays_of(options.old))
        return 0
    old = _read_by(options.package, options.old) if options.package else arrays_of(options.old)
    problems = differences(old, arrays_of(options.new))
    print("\n".join(problems) or f"the same to {TOLERANCE:g}: {len(old)} arrays")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
