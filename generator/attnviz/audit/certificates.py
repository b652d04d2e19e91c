"""Certificates, as far as shards can tell: how many rows, whether of a sample, and that no figure
contradicts another. What the model's own attention was, no shard can tell."""

from __future__ import annotations

from attnviz.audit.findings import Findings
from attnviz.audit.stored_layer import StoredLayer

REASON = (
    "total variation, largest error and top-1 agreement of certificates: they compare with the"
    " model's own attention, and need the model"
)


def compare_certificates(layer: StoredLayer, rows: int, findings: Findings) -> None:
    """Hold the certificates of a layer's heads against its documents; `rows` are those that see a
    key."""
    for head in layer.heads:
        certificate, place = head.certificate, f"{layer.place(head)}, certificate"
        if not certificate.sampled:
            findings.compare(place, "rows", stated=certificate.rows, recomputed=rows)
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
        findings.skip(REASON, 4)
