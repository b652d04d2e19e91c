"""Time, memory and bytes of attnviz as ratios to a named peer or limit. `make bench`; no test, because time varies.

python -m tests.benchmarks                  # all three
python -m tests.benchmarks capture bytes    # some
"""

from __future__ import annotations

import sys

from tests.benchmarks import capture, size, stages

BENCHMARKS = {"stages": stages.main, "bytes": size.main, "capture": capture.main}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or list(BENCHMARKS):
        print(f"\n{name}")
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
