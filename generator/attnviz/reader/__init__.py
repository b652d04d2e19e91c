"""Reading a report: the Python API, and `attnviz check`. NumPy, pyarrow and pydantic only."""
