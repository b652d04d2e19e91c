"""Maps: joint pictures of one head's queries and keys, how they are made, stored and measured."""

from attnviz.maps.sample import sample_documents
from attnviz.maps.stored_map import StoredMap, quantise
from attnviz.maps.variants import MapVariant, Method, SpaceName, map_variants

__all__ = [
    "MapVariant",
    "Method",
    "SpaceName",
    "StoredMap",
    "map_variants",
    "quantise",
    "sample_documents",
]
