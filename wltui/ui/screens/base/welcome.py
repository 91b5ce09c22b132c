"""The first start on a host explains the most used keys in one line, once."""

from typing import Any

from wltui.ui.text.spans import Role

from .frame import Frame


def show_welcome(screen: Frame[Any]) -> bool:
    """Explain the most used keys at the first start, over no sign-in, until a key is pressed; return whether it did.

    The demo keeps nothing, and would do so at each start; its footer names the same keys.
    """
    app = screen.app
    is_in_front = app.screen is screen and app.refusal is None
    if not is_in_front or not app.settings.lasting:
        return False
    app.choices.welcome()
    opens, filters, problems, keys = map(
        screen.key_of, ("list.open", "list.filter", "app.problems", "frame.help")
    )
    text = f"{opens} opens, {filters} filters, {problems} shows problems, {keys} lists every key."
    app.messages.show(text, Role.MUTED)
    return True
