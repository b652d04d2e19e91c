"""What is said of the memory of a batch counts all its documents and all its calls."""

import re

from attnviz.capture.batches import Batch
from attnviz.capture.foreseen import WholeAttention, memory_in_words


def said(documents, tokens, heads, calls=2):
    batch = Batch(tuple(documents), {"audio": (tokens,) * len(documents)}, {"audio": tokens})
    return memory_in_words("m", [WholeAttention("audio", "audio", heads)] * calls, [batch])


def test_documents_that_are_read_at_once_count_together():
    note = said(range(3, 6), 2000, heads=8)
    assert "reading document 3 and 2 more at once (2,000 tokens of audio each)" in note
    # Three documents of 8 × 2000² numbers of four bytes, in two calls, and eight arrays beside.
    needed, kept = map(float, re.findall(r"([\d.]+) GB", note))
    assert needed == round(3 * 8 * 2000**2 * 4 * 10 / 1e9, 1)
    assert kept == round(3 * 8 * 2000**2 * 4 * 2 / 1e9, 1)


def test_one_document_is_named_alone_and_little_is_not_said():
    note = said([7], 3000, heads=8)
    assert "reading document 7 (3,000 tokens of audio) takes" in note
    assert said([7], 200, heads=8) is None
    assert said([7], 3000, heads=8, calls=0) is None
