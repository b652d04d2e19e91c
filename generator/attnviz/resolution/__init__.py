"""From what the corpus says to what the models read: completions, frames, windows of long texts."""
