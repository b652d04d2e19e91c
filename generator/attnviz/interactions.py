"""What a score is made of: components of the centred interaction of queries and keys, what key and
query add alone, position, and the rest.

With the means μ and covariances Σ of a head's queries and keys over a corpus, q̃ = q − μ_q and
k̃ = k − μ_k, both before rotary embedding,

    q·k = q̃·k̃ + μ_q·k̃ + q̃·μ_k + μ_q·μ_k,   Σ_q^½ Σ_k^½ = U S Vᵀ,
    q̃·k̃ = Σ_r S_r α_r β_r,   α = Uᵀ Σ_q^−½ q̃,   β = Vᵀ Σ_k^−½ k̃.

α and β have unit covariance over the corpus's tokens, so that S_r² / Σ S² is the share of the
variance of q̃·k̃ over independent pairs that component r carries, and no other r forms carry more.

Of a contrast by labels, ΔC = E[q̃ k̃ᵀ | one label] − E[q̃ k̃ᵀ | two labels] over independent pairs of
labelled tokens, components come first that project on its singular vectors u_r, v_r:

    ΔC = Σ_r σ_r u_r v_rᵀ,   q̃·k̃ = Σ_r (u_r·q̃) (u_r·v_r) (v_r·k̃) + what is left,

and what is left is split by singular values as above. Of E[q̃·k̃ | one label] less
E[q̃·k̃ | two labels], which is tr ΔC, component r brings σ_r (u_r·v_r), and what is left nothing.

Source: Lee, Belinkov, Viégas & Wattenberg 2026 (arXiv 2602.04752), for contrastive covariances and
their singular vectors.

Plain NumPy; no models, files or devices. Its twin in the viewer is
site_templates/src/data/interactions.js.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.score import Array, ScoreRule, cap

_RANK: Final = 1e-12
"""Directions of less variance than this, as a share of the largest second moment, are none: they
are the rounding of float32."""

_LEAST_BROUGHT: Final = 0.01
"""Singular vectors of a contrast that bring less than this share of it, as a share of the sum of
what all bring without signs, make no component."""

PARTS: Final = ("component", "rest", "key", "query", "constant", "rotary", "soft cap", "bias")
"""The parts of a score, in order."""


@dataclass(frozen=True)
class Moments:
    """Means (d,) and covariances (d, d) of a head's queries and keys, float64; and the largest
    eigenvalues of their second moments about zero, by which ranks are told."""

    mean_query: Array
    mean_key: Array
    query_covariance: Array
    key_covariance: Array
    sizes: tuple[float, float]
    contrast: Array | None = None
    """ΔC (d, d) of a contrast by labels; None where there is none."""


@dataclass(frozen=True)
class Interaction:
    """The first n components of a head's queries and keys of d channels.

    mean_query and mean_key are (d,); query_weights and key_weights (n, d), by which α and β follow
    from q̃ and k̃; strengths (n,) are S, in units of q·k.
    """

    mean_query: Array
    mean_key: Array
    query_weights: Array
    key_weights: Array
    strengths: Array

    def query_loadings(self, q: Array) -> Array:
        """α of queries (tokens, d), (tokens, n): their unit is the standard deviation over the
        corpus's tokens."""
        return _loadings(q, self.mean_query, self.query_weights)

    def key_loadings(self, k: Array) -> Array:
        """β of keys, the same."""
        return _loadings(k, self.mean_key, self.key_weights)

    def rest(self) -> Array:
        """The form (d, d) of what no component carries: q̃ᵀ rest k̃."""
        form = (self.query_weights.T * self.strengths) @ self.key_weights
        rest: Array = np.eye(len(self.mean_query)) - form
        return rest


@dataclass(frozen=True)
class Spectrum:
    """How the variance of a head's centred products q̃·k̃, over independent pairs, is spread: the
    interaction of its kept components, contrastive ones first; how many components there are in
    all; the singular values S of the whole, descending, without zeros; and the standard deviations
    of q̃·k̃, of μ_q·k̃ and of q̃·μ_k, in units of q·k. `differences` (contrastive components,) are
    what each brings of `contrast`, by which q̃·k̃ of pairs of one label is larger in the mean than
    of two, in units of q·k; None without a contrast."""

    interaction: Interaction
    dimensions: int
    strengths: Array
    deviation: float
    key_deviation: float
    query_deviation: float
    differences: Array
    contrast: float | None = None

    @property
    def first_share(self) -> float | None:
        """The share of the strongest component of the whole; None where there is none."""
        total = float((self.strengths**2).sum())
        return float(self.strengths[0] ** 2 / total) if len(self.strengths) else None

    @property
    def shares(self) -> Array:
        """The share of the variance of q̃·k̃ of each component that is kept, (n,). Those of
        contrastive components overlap with one another and with the others'."""
        total = (self.strengths**2).sum()
        kept = self.interaction.strengths
        shares: Array = kept**2 / total if total > 0 else np.zeros(len(kept))
        return shares


def moments(
    query_sums: tuple[float, Array, Array], key_sums: tuple[float, Array, Array]
) -> Moments:
    """Moments from sums over tokens of each side: their number, Σ x (d,) and Σ x xᵀ (d, d)."""
    (queries, q, qq), (keys, k, kk) = query_sums, key_sums
    mean_query, mean_key = q / queries, k / keys
    return Moments(
        mean_query=mean_query,
        mean_key=mean_key,
        query_covariance=qq / queries - np.outer(mean_query, mean_query),
        key_covariance=kk / keys - np.outer(mean_key, mean_key),
        sizes=(_largest(qq / queries), _largest(kk / keys)),
    )


LabelSums = tuple[Array, Array]
"""Of one side: how many tokens have each label (labels,), and the sums of their vectors
(labels, d)."""


def contrast_of(queries: LabelSums, keys: LabelSums, means: tuple[Array, Array]) -> Array | None:
    """ΔC (d, d), from sums by label and the means of all queries and of all keys; None where all
    pairs of labelled tokens are of one label, or none is."""
    (of_queries, q), (of_keys, k) = queries, keys
    q = q - of_queries[:, None] * means[0]  # (label, d)
    k = k - of_keys[:, None] * means[1]
    same = float(of_queries @ of_keys)
    other = float(of_queries.sum() * of_keys.sum()) - same
    if same <= 0 or other <= 0:
        return None
    products: Array = q.T @ k
    others = np.outer(q.sum(0), k.sum(0)) - products
    difference: Array = products / same - others / other
    return difference


def spectrum(of: Moments, rank: int) -> Spectrum:
    """The components of a head: of a contrast at most `rank`, those that bring most of it first,
    and at most as many of what they leave; fewer where queries or keys have fewer directions. Each
    is turned so that the largest of its key weights is above zero."""
    query_root, query_inverse = _roots(of.query_covariance, of.sizes[0])
    key_root, key_inverse = _roots(of.key_covariance, of.sizes[1])
    product = query_root @ key_root
    strengths = np.linalg.svd(product, compute_uv=False)
    none = np.sqrt(_RANK) * strengths.max(initial=0.0)
    contrastive, differences = _contrastive(of, rank)
    query_weights, key_weights, kept = contrastive
    left, others, right = np.linalg.svd(
        product - (query_root @ query_weights.T * kept) @ (key_weights @ key_root)
    )
    others = others[others > none]
    count = min(rank, len(others))
    query_weights = np.concatenate([query_weights, left.T[:count] @ query_inverse])  # (n, d)
    key_weights = np.concatenate([key_weights, right[:count] @ key_inverse])
    largest = np.abs(key_weights).argmax(1)
    signs = np.where(key_weights[np.arange(len(largest)), largest] < 0, -1.0, 1.0)[:, None]
    strengths = strengths[strengths > none]
    return Spectrum(
        Interaction(
            of.mean_query,
            of.mean_key,
            signs * query_weights,
            signs * key_weights,
            np.concatenate([kept, others[:count]]),
        ),
        len(kept) + len(others),
        strengths,
        float(np.sqrt((strengths**2).sum())),
        _deviation(of.mean_query, of.key_covariance),
        _deviation(of.mean_key, of.query_covariance),
        differences,
        None if of.contrast is None else float(np.trace(of.contrast)),
    )


def _contrastive(of: Moments, rank: int) -> tuple[tuple[Array, Array, Array], Array]:
    """The components of a contrast, at most `rank`: weights of queries and keys (n, d), and
    strengths (n,), which are above zero: where scores are lower for one label, query and key load
    with two signs; and what each brings of the contrast, (n,)."""
    size = len(of.mean_query)
    if of.contrast is None:
        nothing = np.zeros((0, size))
        return (nothing, nothing, np.zeros(0)), np.zeros(0)
    left, sizes, right = np.linalg.svd(of.contrast)
    cosines = (left.T * right).sum(1)  # u_r · v_r
    u, v = left.T, np.where(cosines < 0, -1.0, 1.0)[:, None] * right
    query_deviations = np.array([_deviation(row, of.query_covariance) for row in u])
    key_deviations = np.array([_deviation(row, of.key_covariance) for row in v])
    strengths = np.abs(cosines) * query_deviations * key_deviations
    differences = sizes * cosines
    # What brings next to nothing is not about the labels: it is left to the other components.
    kept = (np.abs(differences) > _LEAST_BROUGHT * np.abs(differences).sum()) & (strengths > 0)
    order = np.argsort(-np.abs(differences), kind="stable")
    order = order[kept[order]][:rank]
    weights = u[order] / query_deviations[order, None], v[order] / key_deviations[order, None]
    return (*weights, strengths[order]), differences[order]


@dataclass(frozen=True)
class HeadVectors:
    """A head's queries (T, d) and keys (K, d) of a document, before rotary embedding, and after it
    where the layer has one."""

    q: Array
    k: Array
    turned: tuple[Array, Array] | None = None


def pair_parts(
    vectors: HeadVectors, of: Interaction, rule: ScoreRule, bias: float | None
) -> list[tuple[str, int | None, float]]:
    """The parts of the score of one query (1, d) and one key (1, d): name, number of the component,
    from 1, and value. They sum to the score before softmax. Only parts that the layer has are
    there; `bias` is that of the pair, None where the layer has none."""
    q, k = vectors.q.astype(np.float64)[0], vectors.k.astype(np.float64)[0]
    alpha, beta = of.query_loadings(q[None])[0], of.key_loadings(k[None])[0]
    centred = (q - of.mean_query) @ (k - of.mean_key)
    components = of.strengths * alpha * beta
    products: list[tuple[str, int | None, float]] = [
        ("component", number, float(value)) for number, value in enumerate(components, 1)
    ]
    product = float(q @ k)
    products += [
        ("rest", None, float(centred - components.sum())),
        ("key", None, float(of.mean_query @ (k - of.mean_key))),
        ("query", None, float((q - of.mean_query) @ of.mean_key)),
        ("constant", None, float(of.mean_query @ of.mean_key)),
    ]
    if vectors.turned is not None:
        after, before = (side.astype(np.float64)[0] for side in vectors.turned), product
        product = float(np.dot(*after))
        products.append(("rotary", None, product - before))
    parts = [(name, number, rule.scaling * value) for name, number, value in products]
    scaled = rule.scaling * product
    if rule.softcap is not None:
        parts.append(("soft cap", None, float(cap(np.array(scaled), rule)) - scaled))
    if bias is not None:
        parts.append(("bias", None, bias))
    return parts


def _loadings(x: Array, mean: Array, weights: Array) -> Array:
    loadings: Array = (x - mean) @ weights.T
    return loadings


def _largest(second: Array) -> float:
    return float(np.linalg.eigvalsh(second)[-1]) if len(second) else 0.0


def _roots(covariance: Array, size: float) -> tuple[Array, Array]:
    """The root of a covariance and the pseudo-inverse of that."""
    values, vectors = np.linalg.eigh(covariance)
    there = values > _RANK * size
    roots = np.sqrt(np.where(there, values, 0.0))
    inverse = np.divide(1.0, roots, out=np.zeros_like(roots), where=there)
    return (vectors * roots) @ vectors.T, (vectors * inverse) @ vectors.T


def _deviation(mean: Array, covariance: Array) -> float:
    return float(np.sqrt(max(0.0, float(mean @ covariance @ mean))))
