"""`attnviz check --deep`: every figure that a report states, recomputed from its shards. Needs no
model and no torch."""
