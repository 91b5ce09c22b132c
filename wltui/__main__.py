"""The program itself, as ``wltui`` and ``python -m wltui``: the first picture, and then the rest."""

import gc
import os
import resource
import sys

from wltui.lifecycle.first_picture import FirstPicture


def main() -> int:
    """Paint the picture that the last session saved, obey the command line, and return the exit code."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold tokens and passwords
    gc.set_threshold(20_000)  # what is imported stays: to examine it again and again takes a tenth of a start
    picture = FirstPicture(sys.argv[1:], os.environ)
    try:
        picture.paint()
        from wltui.cli.main import main

        return main(picture=picture)
    except KeyboardInterrupt:
        return 130
    finally:
        picture.restore_terminal()  # before a traceback, if there is one
        gc.freeze()  # nor is it examined at the end


if __name__ == "__main__":
    sys.exit(main())
