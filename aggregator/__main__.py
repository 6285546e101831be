"""The command `aggregator`, also as `python -m aggregator`."""


def main() -> None:
    """Run the command line."""
    from aggregator.app.cli import run  # noqa: PLC0415  # `--version` and errors need nothing else

    run()


if __name__ == "__main__":
    main()
