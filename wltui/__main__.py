"""The program itself, as ``wltui`` and ``python -m wltui``: the first picture, and then the rest."""

import gc
import os
import sys

NOT_HERE = "wltui runs on Linux and macOS, and on Windows in WSL: wsl --install sets it up, then install wltui there.\n"


def main() -> int:
    """Paint the picture that the last session saved, obey the command line, and return the exit code."""
    try:
        import fcntl  # noqa: F401  it is imported to know that it is there
        import resource

        from wltui.lifecycle.first_picture import FirstPicture
    except ModuleNotFoundError as error:
        if error.name not in ("fcntl", "resource", "termios"):
            raise
        sys.stderr.write(NOT_HERE)
        return 2
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
