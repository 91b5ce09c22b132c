"""Times, ages and sizes as people read them."""

from datetime import datetime, timedelta
from functools import lru_cache

from wltui.records import moment


def age(span: timedelta) -> str:
    """A length of time in its largest unit: ``8 s``, ``3 min``, ``18 h``, ``12 d``."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= (2 * size if unit == "d" else size):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def clock_time(time: datetime) -> str:
    """The wall-clock time where the user is: ``12:04:31``."""
    return time.astimezone().strftime("%H:%M:%S")


def day_time(stamp: str | None) -> str:
    """An API timestamp where the user is, to the minute; empty where there is none."""
    time = moment(stamp)
    return time.astimezone().strftime("%Y-%m-%d %H:%M") if time else ""


def full_time(stamp: str | None, now: datetime) -> str:
    """An API timestamp where the user is, its age, and the absolute time where that is another."""
    time = moment(stamp)
    if time is None:
        return stamp or ""
    local, absolute = f"{time.astimezone():%Y-%m-%d %H:%M:%S}", f"{time:%Y-%m-%d %H:%M:%S} UTC"
    same = absolute.startswith(local)
    return f"{absolute if same else local}, {age(now - time)} ago" + ("" if same else f" ({absolute})")


def size(count: int) -> str:
    """Bytes in decimal units: ``12.8 MB``."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 999.5:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def count(number: int, noun: str) -> str:
    """``1 model``, ``2 models``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@lru_cache(maxsize=4096)  # the versions of a list share few files, and a filter asks for each
def base_name(path: str | None) -> str:
    """The last part of what may be a whole path, of Windows as well."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2] if path else ""
