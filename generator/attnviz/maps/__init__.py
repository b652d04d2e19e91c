"""Maps: joint pictures of one head's queries and keys, how they are made, stored and measured."""

from attnviz.maps.codes import HeadMap, overview_codes, quantise
from attnviz.maps.kinds import MapKind, Method, SpaceName, kinds_of
from attnviz.maps.sample import sample_documents

__all__ = [
    "HeadMap",
    "MapKind",
    "Method",
    "SpaceName",
    "kinds_of",
    "overview_codes",
    "quantise",
    "sample_documents",
]
