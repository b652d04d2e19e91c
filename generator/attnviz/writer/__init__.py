"""Writing a report: shards, their certificates, the manifest, and the folder's publication."""
