"""The entry point of ``python -m shopdesk`` and of the installed commands."""

import sys


def main() -> int:
    """Read the command line and run its command; without a command, open the window."""
    from shopdesk import cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
