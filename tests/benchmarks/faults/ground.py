"""What the campaign stands on: tiny models, two corpora, and their reports that nobody
disturbed."""

from __future__ import annotations

import gc
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

import attnviz
from attnviz.reader.check import check
from tests.fixtures.files import tree
from tests.fixtures.forked import End, run_forked
from tests.fixtures.image_models import save_image_model
from tests.fixtures.models import save_model, sentences
from tests.fixtures.text_models import save_gpt2

SECONDS: Final = 120.0
"""A run that takes longer hangs. Machines that do much else are slow."""
MEMORY: Final = 6 << 30
"""A run may take so many bytes more than the process that it is forked from."""

TEXTS: Final = {"old": 1, "new": 5}
"""The two corpora, with the seeds of their texts."""
FAMILIES: Final = ("llama", "bert", "gpt2", "t5", "vit")


@dataclass(frozen=True)
class Ground:
    """Folders of models by family; the folder of each corpus' report with a hash per file; how many
    changes to files a build makes from nothing and with its work done."""

    root: Path
    models: dict[str, Path]
    files: dict[str, dict[str, str]]
    changes: dict[str, int]

    def report(self, corpus: str) -> Path:
        """The report of a corpus that nobody disturbed."""
        return self.root / corpus / "out"

    def cache(self, corpus: str) -> Path:
        """What the build of that report kept."""
        return self.root / corpus / "cache"

    def arguments(self, corpus: str, out: Path, cache: Path) -> list[str]:
        """The arguments that build a corpus."""
        file = self.root / f"{corpus}.yaml"
        return ["build", str(file), "--out", str(out), "--cache", str(cache)]

    @contextmanager
    def folder(self, name: str) -> Iterator[Path]:
        """An empty folder for one try, gone at the end."""
        folder = self.root / "tries" / name
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def prepare(root: Path) -> Ground:
    """Make the models, and build both corpora once in this process and once in a fork: what is
    imported and set up at first use, later forks have."""
    torch.set_num_threads(1)  # a fork has no threads but its first, and would wait for the others
    models = {}
    for family in FAMILIES:
        models[family] = root / "models" / family
        models[family].mkdir(parents=True)
        if family == "vit":
            save_image_model(family, models[family])
        elif family == "gpt2":  # with its head, to go on with prompts
            save_gpt2(models[family])
        else:
            save_model(family, models[family])
    for name, seed in TEXTS.items():
        texts = [*sentences(seed, [3, 8, 11]), *sentences(seed + 1, [90])]
        write_corpus(root / f"{name}.yaml", models["llama"], [{"text": texts}], title=name)
        attnviz.build(root / f"{name}.yaml", out=root / name / "out", cache=root / name / "cache")
    ground = Ground(root, models, {name: tree(root / name / "out") for name in TEXTS}, {})
    for how, cache in (("from nothing", "none"), ("with its work done", "new")):
        with ground.folder("count") as folder:
            if cache == "new":
                shutil.copytree(ground.cache("new"), folder / "cache")
                shutil.copytree(ground.report("old"), folder / "out")
            args = ground.arguments("new", folder / "out", folder / "cache")
            ground.changes[how] = run_forked(args, folder).changes
    gc.collect()
    gc.freeze()  # forks look for garbage among their own objects only
    return ground


def write_corpus(
    path: Path, model: Path, documents: list[dict[str, Any]], title: str = "A corpus", **entry: Any
) -> Path:
    """A corpus of one model, with maps that are made fast."""
    content = {
        "title": title,
        "models": [{"name": "tiny", "source": str(model)} | entry],
        "documents": documents,
        "maps": {"methods": ["pca"]},
    }
    path.write_text(json.dumps(content), "utf-8")
    return path


def fault_of_end(end: End, codes: Iterable[int], words: str = "") -> str | None:
    """What is wrong with how a run ended; None if it ended with one of these codes, in time,
    without a trace, and saying these words."""
    last = end.err.strip().splitlines()[-1:] or [""]
    if end.late:
        return f"no end in {SECONDS:.0f} s"
    if "Traceback" in end.err:
        return f"a trace: {last[0][:200]}"
    if end.code not in codes:
        return f"exit code {end.code}: {last[0][:200]}"
    return None if words in end.err else f"does not say “{words}”: {last[0][:200]}"


_BEGUN: Final = re.compile(r"\..+\.[0-9a-f]{32}")
"""Names of files that are not finished."""


def fault_of_report(
    out: Path, ground: Ground, *corpora: str, may_have_begun: bool = False
) -> str | None:
    """What is wrong with a report; None if it is that of one of these corpora, byte for byte, and
    nothing else, or, if it `may_have_begun`, files that are not finished."""
    files = tree(out)
    if may_have_begun:
        files = {name: file for name, file in files.items() if not _BEGUN.match(Path(name).name)}
    if any(files == ground.files[corpus] for corpus in corpora):
        return None
    nearest = ground.files[corpora[0]]
    names = [name for name in {**files, **nearest} if files.get(name) != nearest.get(name)]
    return f"differs in {len(names)} files: {', '.join(names[:3])}; check: {check(out)[:2]}"
