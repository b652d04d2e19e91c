"""Kinds of input, one module each: what is read, how it is prepared for a model, which axes it has,
what the report shows of it."""
