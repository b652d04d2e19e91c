"""What is known of single architectures beyond what their configurations say.

`known.py` has an entry per model type; `architecture_of` looks it up.
"""
