"""A small manifest with a text of choice wherever a text may stand."""


def manifest(text="plain", url=None, notices=()):
    """A small manifest in which every free text is `text`: an encoder of 2 × 2 heads and a decoder
    with shared keys."""
    return {
        "format": "attnviz-report",
        "format_version": 1,
        "title": f"title {text}",
        "site": {"url": url, "theme": "dark"},
        "viewer": {"script": "assets/viewer-00.js", "style": "assets/viewer-00.css"},
        "provenance": {
            "generator": f"generator {text}",
            "versions": {"torch": text},
            "device": text,
            "threads": 2,
            "seed": 0,
            "corpus": {"name": f"corpus {text}", "sha256": "0" * 64},
            "sources": [
                {
                    "entry": 0,
                    "name": f"file {text}",
                    "sha256": "0" * 64,
                    "documents": 3,
                    "source": f"source {text}",
                    "licence": f"licence {text}",
                },
                {
                    "entry": 1,
                    "name": "unknown",
                    "sha256": "0" * 64,
                    "documents": 1,
                    "source": None,
                    "licence": None,
                },
            ],
        },
        "fidelity": {"total_variation": 0.005, "max_error": 0.02},
        "notices": list(notices)
        or [{"kind": "truncated", "message": f"notice {text}", "document": 2}],
        "documents": {"count": 4, "groups": [], "shards": []},
        "models": [model("encoder", text), model("decoder", text, causal=True)],
        "shards": {},
    }


def model(name, text, causal=False):
    rule = {
        "scaling": 0.125,
        "mask": {"kind": "causal" if causal else "full"},
        "softcap": 50 if causal else None,
    }
    return {
        "name": name,
        "title": f"model {text}",
        "source": f"owner {text}",
        "revision": f"revision {text}",
        "weights_sha256": "a" * 64,
        "architecture": f"architecture {text}",
        "dtype": "float32",
        "parameters": 1_234_567,
        "axes": [],
        "rules": [rule],
        "stacks": [
            {
                "name": "encoder",
                "kind": "self",
                "layers": 2,
                "heads": 2,
                "kv_heads": 1 if causal else 2,
                "head_size": 64,
                "query_axis": "text",
                "key_axis": "text",
            }
        ],
        "captures": [
            {
                "stack": "encoder",
                "layer": layer,
                "module": f"module {layer} {text}",
                "line": f"line {text}",
                "rule": 0,
            }
            for layer in range(2)
        ],
        "self_check": {"max_error": 1e-6, "rows": 10},
        "statistics": [
            {
                "name": "entropy",
                "title": f"Entropy {text}",
                "unit": "nats",
                "description": f"How spread {text}",
            },
            {
                "name": "first",
                "title": "First token",
                "unit": "share",
                "description": "Attention on the first token",
            },
        ],
        "maps": [],
        "overview": {"shard": "o", "map": "pca-2d", "count": 1},
        "heads": [head(layer, index, causal) for layer in range(2) for index in range(2)],
    }


def head(layer, index, causal):
    return {
        "stack": "encoder",
        "layer": layer,
        "head": index,
        "kv_head": 0 if causal else index,
        "rule": 0,
        "sink": 1.5 if causal else None,
        "statistics": {"entropy": 1.86, "first": None if index else 0.4183},
        "encodings": ["dense-uint8", "query-key-int8", "dense-uint8"],
        "certificate": {
            "total_variation": 0.002101,
            "worst_total_variation": 0.0041,
            "max_error": 0.00301,
            "top1": 0.99987,
            "rows": 4312,
            "sampled": causal,
            "reference": "eager-float32",
        },
        "maps": {},
    }
