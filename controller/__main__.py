"""`python -m controller` is `tawan`."""

from controller.cli import main

main()
