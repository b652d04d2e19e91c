"""Certificates, as far as shards can tell: how many rows, whether of a sample, and that no figure
contradicts another. What the model's own attention was, no shard can tell."""

from __future__ import annotations

from typing import Final

from attnviz.audit.findings import Findings
from attnviz.audit.stored_layer import StoredLayer
from attnviz.format.manifest import Fidelity

REASON = (
    "total variation, largest error and top-1 agreement of certificates: they compare with the"
    " model's own attention, and need the model"
)
_SAMPLES: Final = "rows of certificates' samples as attnviz drew them before they had an error"


def compare_certificates(
    layer: StoredLayer, rows: int, bounds: Fidelity, findings: Findings
) -> None:
    """Hold the certificates of a layer's heads against its documents; `rows` are those that an
    error is measured on, and `bounds` the corpus's."""
    for head in layer.heads:
        certificate, place = head.certificate, f"{layer.place(head)}, certificate"
        if certificate.sampled and certificate.total_variation_standard_error is None:
            findings.skip(_SAMPLES)
        else:
            findings.compare(place, "rows", stated=certificate.rows, recomputed=rows)
        for name, value, most in (
            ("total variation", certificate.total_variation, bounds.total_variation),
            ("largest error", certificate.max_error, bounds.max_error),
        ):
            findings.compare(
                place, f"{name} is within the corpus's bound", stated=value <= most, recomputed=True
            )
        findings.compare(
            place,
            "worst total variation is the largest of a document, so no less than the mean",
            stated=certificate.worst_total_variation >= certificate.total_variation - 1e-12,
            recomputed=True,
        )
        findings.compare(
            place,
            "figures are shares",
            stated=all(
                0 <= value <= 1
                for value in (
                    certificate.total_variation,
                    certificate.worst_total_variation,
                    certificate.max_error,
                    certificate.top1,
                )
            ),
            recomputed=True,
        )
        errors = (
            certificate.total_variation_standard_error,
            certificate.worst_total_variation_standard_error,
            certificate.top1_standard_error,
        )
        findings.skip(REASON, 4 + sum(error is not None for error in errors))
