"""What each head does: statistics over the whole corpus, probes, and labels."""

from attnviz.heads.agreement import PREFIX as AGREEMENT
from attnviz.heads.agreement import agreement_column
from attnviz.heads.awake import AGREEMENT as AWAKE_AGREEMENT
from attnviz.heads.awake import AWAKE, awake_agreement_column
from attnviz.heads.catalogue import SECTIONS, STATISTICS, TEXT
from attnviz.heads.copying import copying_score
from attnviz.heads.effect_columns import BY_LABEL, effect_column
from attnviz.heads.facts import LayerFacts
from attnviz.heads.label_tests import fits_column
from attnviz.heads.labels import LABELS, LabelRule, awake_evidence, label_heads, labels_of
from attnviz.heads.likeness import Divergences, lay_out, most_alike
from attnviz.heads.pairs import Types, frequent_types, pair_rows
from attnviz.heads.statistic import Block, StatisticColumn
from attnviz.heads.statistics import HeadStatistics, by_head
from attnviz.heads.traits import Traits, traits_of

__all__ = [
    "AGREEMENT",
    "AWAKE",
    "AWAKE_AGREEMENT",
    "BY_LABEL",
    "LABELS",
    "SECTIONS",
    "STATISTICS",
    "TEXT",
    "Block",
    "Divergences",
    "HeadStatistics",
    "LabelRule",
    "LayerFacts",
    "StatisticColumn",
    "Traits",
    "Types",
    "agreement_column",
    "awake_agreement_column",
    "awake_evidence",
    "by_head",
    "copying_score",
    "effect_column",
    "fits_column",
    "frequent_types",
    "label_heads",
    "labels_of",
    "lay_out",
    "most_alike",
    "pair_rows",
    "traits_of",
]
