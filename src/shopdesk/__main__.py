"""``python -m shopdesk``, and what the installed commands start."""

import sys


def main() -> int:
    """Read the command line and do what it says; without a command the window opens."""
    from shopdesk import cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
