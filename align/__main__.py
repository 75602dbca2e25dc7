"""`python -m align` is the same program as `muwazi`."""

from .cli import main

if __name__ == "__main__":
    main()
