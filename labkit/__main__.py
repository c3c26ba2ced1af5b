"""`python -m labkit` is the command `labkit`, where that is not on the path."""

from labkit.cli import main

main(prog_name="labkit")
