"""Models of one shape in a sequence: how far each head's attention moves from step to step."""
