"""What it costs a model to lose a head: its output replaced, and the change measured."""
