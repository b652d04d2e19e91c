"""`python -m attnviz`, the command line of the Python that is named, where no `attnviz` is on the
path."""

from attnviz.cli import main

if __name__ == "__main__":
    main()
