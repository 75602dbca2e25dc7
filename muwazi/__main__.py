"""`python -m muwazi` is the same program as `muwazi`."""

from align.cli import main

if __name__ == "__main__":
    main()
