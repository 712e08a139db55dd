"""What does `python -m outboundd` do? The same as `outboundd`."""

from outboundd.cli import main

main()
