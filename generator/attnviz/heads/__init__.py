"""What each head does: statistics over the whole corpus, probes, and labels."""

from attnviz.heads.columns import IMAGE, PROBES, SINK, STATISTICS, TEXT, VECTORS, Statistic
from attnviz.heads.facts import LayerFacts
from attnviz.heads.labels import LABELS, Label, label_heads, labels_of
from attnviz.heads.probe import probe_scores, probe_texts
from attnviz.heads.statistics import Block, HeadStatistics, by_head
from attnviz.heads.traits import Traits, traits_of

__all__ = [
    "IMAGE", "LABELS", "PROBES", "SINK", "STATISTICS", "TEXT", "VECTORS", "Block", "HeadStatistics", "Label",
    "LayerFacts", "Statistic", "Traits", "by_head", "label_heads", "labels_of", "probe_scores", "probe_texts",
    "traits_of",
]  # fmt: skip
