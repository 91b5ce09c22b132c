"""What each key costs in bytes, and what rest costs: they depend on the data and the size, not on the machine."""

from pathlib import Path

from .figures import Samples
from .programs import Opened, hello, ours, pager, stock
from .terminal import Link, Terminal

PAGE = 34
"""More than the rows that a page of a list holds, less what it shows of them at first."""
IDLE = 3.0


def measure(url: str, cache: Path, samples: Samples) -> None:
    """One turn of all programs; bytes are the same each time, so one turn is enough."""
    with ours(url, cache, "--workspace", "10", "--refresh", "2").open() as terminal:
        _wltui(terminal, samples)
    for opened, name, keys in (
        (hello(), "hello-world", False),
        (stock(1_000), "DataTable", True),
        (pager(cache, 1_000), "vim or less", True),
    ):
        if opened is None:
            continue
        with opened.open() as terminal:
            terminal.see(opened.ready)
            terminal.rest(0.5)
            samples["start bytes", name] = [len(terminal.output)]
            if keys:
                _list(terminal, name, samples)
            samples["idle", name] = [terminal.rest_for(IDLE)]
            if name == "DataTable":
                samples["push", name] = [terminal.key("enter", quiet=0.5).size]
                samples["pop", name] = [terminal.key("escape", quiet=0.5).size]
                terminal.send("ctrl+p")
                samples["palette", name] = [terminal.rest_for(0.45)]  # its cursor blinks, so it has no rest
            terminal.leave(":q!\r" if name == "vim or less" else "ctrl+q")


def _wltui(terminal: Terminal, samples: Samples) -> None:
    terminal.see("● live")
    terminal.rest(0.5)
    samples["start bytes", "wltui"] = [len(terminal.output)]
    _list(terminal, "wltui", samples)
    # Over a poll every two seconds, in which nothing changes but, every ten seconds, the time in the header.
    samples["idle", "wltui"] = samples["poll", "wltui"] = [terminal.rest_for(IDLE)]
    samples["push", "wltui"] = [terminal.key("enter", quiet=0.6).size]
    samples["pop", "wltui"] = [terminal.key("escape", quiet=0.6).size]
    samples["palette", "wltui"] = [terminal.key("ctrl+p", quiet=0.6).size]
    terminal.key("escape")
    terminal.leave()


def _list(terminal: Terminal, name: str, samples: Samples) -> None:
    """Walk down a list: inside the page, over its edge, and a page."""
    terminal.key("down")
    samples["down", name] = [terminal.key("down").size for _ in range(3)]
    for _ in range(PAGE):
        terminal.send("down")
    terminal.rest(0.3)
    samples["edge", name] = [terminal.key("down").size for _ in range(3)]
    terminal.key("pagedown", quiet=0.4)
    samples["page", name] = [terminal.key("pagedown", quiet=0.4).size for _ in range(3)]


def starts(opened: Opened, link: Link | None = None) -> tuple[float, float]:
    """From the start of a process to the first line of its picture, and to what says that it is ready: seconds."""
    with opened.open(link) as terminal:
        first = terminal.see(r"\S")
        terminal.see(opened.ready)
        ready = terminal.stamp - terminal.began
        terminal.rest()  # a picture for the next start is kept of a screen at rest
        terminal.leave()
    return first, ready
