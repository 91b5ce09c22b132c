"""Go to an option by typing the beginning of its name, as in a select of a web page."""

from collections.abc import Sequence


def find_option(titles: Sequence[str], current: int, typed: str, letter: str) -> tuple[str, int] | None:
    """Return what counts as typed from now on, and the index of the option that it goes to; None if there is none.

    A letter goes on with what was typed, or begins anew, and then goes to the next such option. An option that
    begins with the text comes before one that has a word which does.

    Args:
        titles: The names of the options.
        current: The index of the chosen one.
        typed: The letters typed just before.
        letter: The letter typed now.
    """
    here = [*range(current, len(titles)), *range(current)]
    behind = [*here[1:], *here[:1]]
    tries = ([(typed + letter, here)] if typed else []) + [(letter, behind)]
    for text, indexes in tries:
        for marks in ("\n", "- _"):
            for index in indexes:
                name = "\n" + titles[index].lower()
                if any(mark + text.lower() in name for mark in marks):
                    return text, index
    return None
