"""Numbers and facts of the manifest as a reader reads them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from attnviz.format.manifest import Certificate, Fidelity, Rule
from attnviz.format.words import WORDS

# A number and its unit stay on one line.
_SPACE = "\u202f"


def measure(value: float | None, unit: str) -> str:
    """A statistic with its unit; shares as percentages.

    >>> measure(0.4183, "share"), measure(1.8614, "nats"), measure(None, "nats")
    ('41.8\\u202f%', '1.86\\u202fnats', 'not defined')
    """
    if value is None:
        return "not defined"
    return percent(value) if unit == "share" else f"{number(value)}{_SPACE}{unit}"


def number(value: float) -> str:
    """Three significant digits, never in powers of ten; minus signs as printers set them."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(digits, 6)}f}".replace("-", "−")


def percent(share: float) -> str:
    """A share as a percentage with three digits; what is nearly all is not rounded up to all.

    >>> percent(0.99987)
    '99.98\\u202f%'
    """
    value = 100 * share
    if 99.9 <= value < 100:
        return f"{math.floor(value * 100) / 100:.2f}{_SPACE}%"
    return f"{number(value) if value >= 0.001 or value == 0 else 'under 0.001'}{_SPACE}%"


def at_most(share: float) -> str:
    """A bound as a percentage, never rounded below the truth: two digits, upwards.

    >>> at_most(0.002101)
    '0.22\\u202f%'
    """
    return f"{_upwards(100 * share)}{_SPACE}%"


def _upwards(value: float) -> str:
    if value <= 0:
        return "0"
    digits = max(0, min(6, 1 - math.floor(math.log10(value))))
    # Anything that floating point added is not worth a whole last digit.
    return f"{math.ceil(value * 10**digits * (1 - 1e-12)) / 10**digits:.{digits}f}"


def plus_minus(error: float | None) -> str:
    """A standard error after its figure, never rounded below itself; nothing where it has none.

    >>> plus_minus(0.00512), plus_minus(None)
    (' ±\\u202f0.0052', '')
    """
    return "" if error is None else f" ±{_SPACE}{_upwards(error)}"


def verdict(certificate: Certificate) -> str:
    """The certificate in one sentence."""
    mean = at_most(certificate.total_variation)
    return WORDS["certificate"]["verdict"].format(mean=mean)


def certificate_sentences(certificate: Certificate) -> Iterator[str]:
    """The certificate in full, for readers who have not met total variation."""
    words = WORDS["certificate"]
    suffix = "_of_sample" if certificate.sampled else ""
    no_model = certificate.reference == "given"
    yield words["variation_without_model" if no_model else "variation"].format(
        mean=at_most(certificate.total_variation),
        worst=at_most(certificate.worst_total_variation),
    )
    yield words[f"error{suffix}"].format(
        error=_upwards(100 * certificate.max_error), top1=percent(certificate.top1)
    )
    reference = WORDS["references"].get(certificate.reference, certificate.reference)
    yield words[f"rows{suffix}"].format(rows=f"{certificate.rows:,}", reference=reference)
    if certificate.total_variation_standard_error is not None:
        yield words["errors_of_sample"].format(
            mean_error=at_most(certificate.total_variation_standard_error),
            worst_error=at_most(certificate.worst_total_variation_standard_error or 0.0),
            top1_error=at_most(certificate.top1_standard_error or 0.0),
        )
    if no_model:
        yield words["without_model"]
    if certificate.quantization is not None:
        yield words["quantised"].format(method=certificate.quantization)


def bounds_sentence(fidelity: Fidelity) -> str:
    """What the corpus allows."""
    return (
        f"The corpus allows {100 * fidelity.total_variation:.6g}{_SPACE}% on average and "
        f"{100 * fidelity.max_error:.6g} percentage points."
    )


def score_rule(rule: Rule, sink: float | None, given: bool = False) -> str:
    """How queries and keys become attention in this head; `given` says whether attention was given,
    which has no sinks but may lack parts of rows."""
    parts = [f"softmax of {number(rule.scaling)} · q·k", _mask(rule)]
    if rule.softcap is not None:
        parts.insert(1, f"capped softly at ±{number(rule.softcap)}")
    if sink is not None and given:
        parts.append("what rows lack was not given: it is missing, and on no token")
    elif sink is not None:
        parts.append(f"a sink of {number(sink)} takes part of each row")
    return "; ".join(parts)


def _mask(rule: Rule) -> str:
    mask = rule.mask
    return WORDS["masks"][mask.kind].format(
        before=f"{mask.before or 0:,}", after=f"{mask.after or 0:,}"
    )


def count_of(number: int, thing: str) -> str:
    """How many of a thing.

    >>> count_of(1, "document"), count_of(1204, "document")
    ('1 document', '1,204 documents')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def size_in_words(size: int | float) -> str:
    """Bytes in the unit that fits.

    >>> size_in_words(7_600), size_in_words(20_240_000), size_in_words(2.8e9)
    ('7.6 kB', '20.2 MB', '2.8 GB')
    """
    unit, word = (1e9, "GB") if size >= 1e9 else (1e6, "MB") if size >= 1e6 else (1e3, "kB")
    return f"{size / unit:.1f} {word}"
