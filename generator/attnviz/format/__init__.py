"""What generator and readers agree on: the manifest, the shards and their columns."""
