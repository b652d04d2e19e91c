"""Every statistic of a head, with its unit and meaning."""

from __future__ import annotations

from typing import Final

from generators.markdown import NOTE, definition


def head_statistics() -> str:
    """Every column, with its unit and meaning."""
    from attnviz.heads import SECTIONS, agreement_column, effect_column, fits_column

    labels = (
        agreement_column("agreement:LABEL"),
        *map(effect_column, EFFECTS_BY_LABEL),
        fits_column("fits:LABEL"),
    )
    lines = [NOTE, "", "# Statistics of heads", "", *STATISTICS]
    for title, statistics in [*SECTIONS.items(), ("Labels", labels)]:
        lines += ["", f"## {title}", "", *NOTES.get(title, ())]
        for statistic in statistics:
            kind = f"{statistic.title} · {statistic.unit}" if statistic.unit else statistic.title
            lines += definition(statistic.name, kind, statistic.description, anchor=statistic.name)
    return "\n".join(lines).rstrip() + "\n"


EFFECTS_BY_LABEL: Final = ("effect:LABEL=VALUE", "effect_control:LABEL=VALUE")
STATISTICS: Final = """\
Every head has these, measured over the whole corpus in a stream: no order of documents, and no
size of batches, matters to them but for the last digits. The table of heads sorts by them,
`attnviz.open_report(…).heads` has them as columns. A statistic is empty where nothing defines it:
cross-attention compares no positions, pictures have no separators. *Rows* are queries; a mean over
rows is over all rows of the corpus that the description names.

Beside them each head has the deciles of its rows' entropy, its mean attention by offset, the
documents it is most and least focused in, by tenths, the token pairs it connects, and [a place
among the heads](head-labels.md#heads-as-points). [Labels](head-labels.md) follow from some of
them.

Token pairs are counted by the types of query and key, over the whole corpus; the 384 most frequent
types of an axis are told apart, so that memory does not grow with the vocabulary. They are listed
by their part in the divergence of the head's attention from equal attention: share · log lift.

## Examples in bands of strength

What a head does most strongly is not all that it does. So all pairs of a query and a key that it
may see, over the whole corpus, are counted in five bands of attention: from 0.5, the key that a row
rests on; from 0.1; from 0.01; from 0.001; and next to nothing. Of each band eight pairs are drawn
in which every pair has the same chance, from all documents that the model reads, also those whose
attention [is not stored](../how-to/documents.md#large-corpora-which-attention-is-stored). Special
tokens and sinks count as other keys do: a head that rests on a sink shows it in its strongest band.
A head's panel lists them, *Examples, from strong to weak*; in Python:

```python
report.examples(layer=5, head=3).to_pandas()  # band, low, high, count, share, attention, document …
```

Which pairs are drawn follows from the corpus's `seed`, the head, and what their document holds, so
that a document more or less moves no others, and no order of documents matters. Documents that the
model reads alike are drawn as one, and counted each. `attnviz check --deep` counts again, and
repeats the draw, wherever attention is stored.
""".splitlines()

NOTES: Final = {
    "What attention brings": """\
A head may rest on a token whose value is next to nothing. Here ‖v‖ is the length of the value
vector as the head has it, before its output projection; Kobayashi et al. 2020 take it after.
Values are seen where a model dispatches its attention, or calls scaled-dot-product attention
itself; elsewhere these columns are left out.
""".splitlines(),
    "Besides resting": """
Many heads rest: whatever the query, most of a row goes to the first token or a separator, and the
statistics above say little else of them. These leave it out. Of row i, M<sub>i</sub> is the
attention on keys that it does not rest on, and b<sub>ij</sub> = a<sub>ij</sub> / M<sub>i</sub> is
the row made to sum to 1 again. A mean over rows counts each by M<sub>i</sub>, so it is
Σ<sub>i</sub> M<sub>i</sub> x(b<sub>i</sub>) / Σ<sub>i</sub> M<sub>i</sub>: for a sum over some keys
this is the attention on them over all that does not rest. Rows of special tokens, and rows that may
see nothing else than keys to rest on, are left out. A statistic is empty where less than 1 % of the
attention of its rows is awake, and these columns are missing where nothing rests.

Which keys a head rests on follows from its stack and not from the head
([`resting`](report-format.md#stack) in the report), so that heads can be compared: special tokens,
the model's separator, the first token where no row sees a key after its own (as in GPT-2), and a
learned sink. Pictures have the same statistics of patches in any case: those of the grid are of
attention between patches.
""".splitlines(),
    "Why here": """\
Of the components of queries and keys, where the corpus has `components: true`
([how](../explanation/components.md)). The second is the certificate of how much of a head's
attention they tell: 0 where those that are kept are all of it.
""".splitlines(),
    "Retrieval": """\
Run on long texts in which a needle stands at several depths, where the corpus has `probe: needle`
([how](../explanation/retrieval.md)). The strongest is the retrieval score of Wu et al. 2024. Awake,
each is over what does not rest.
""".splitlines(),
    "Probes": """\
Run on random tokens of the model's own vocabulary, said twice ([how](head-labels.md)). Induction
is what Olsson et al. 2022 call prefix matching. Copying is theirs too: a token's value, through
the head's own output projection, the last norm and the unembedding, and by rank, so that no scale
matters. It is there for models that are saved with their head for next tokens and add what
attention writes to the hidden state as it is; encoders, and models that norm it first (Gemma 2,
OLMo 2) or the sum after it (OPT-350m), have none. Awake, a probe's score is the sum of what goes to
its places over the sum of what does not rest, over the eight texts; its standard error is that of a
ratio of means (Cochran 1977).
""".splitlines(),
}
