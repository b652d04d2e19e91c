"""Reading a report needs no model: `attnviz.open_report` imports nothing that builds one."""

import json
import subprocess
import sys
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "fixtures" / "golden"
HEAVY = (
    "torch",
    "transformers",
    "sklearn",
    "scipy",
    "umap",
    "joblib",
    "PIL",
    "jinja2",
    "typer",
    "rich",
    "pandas",
)

READ = '''
import json, sys

class NoPandas:
    """As where it is not installed: where it is, pyarrow imports it by itself."""
    def find_spec(self, name, *_):
        if name == "pandas":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NoPandas())
import attnviz
report = attnviz.open_report(sys.argv[1])
report.attention(0, 0, 0), report.documents[0].tokens, report.heads, report.certificate(0, 0)
report.map(0, 0, "pca"), report.mean_attention(0), report.rollout(0)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
'''


def test_reading_a_report_imports_no_torch_no_transformers_and_nothing_that_builds():
    run = subprocess.run(
        [sys.executable, "-c", READ, str(GOLDEN / "bidirectional")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(json.loads(run.stdout)) & set(HEAVY) == set()
