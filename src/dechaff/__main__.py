"""``python -m dechaff``: the same as ``dechaff``."""

from dechaff.surfaces.cli.main import run

if __name__ == "__main__":
    run()
