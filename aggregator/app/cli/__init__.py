"""The command line: a file per group of verbs."""


def run() -> None:
    """Run the command line."""
