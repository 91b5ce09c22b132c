"""Timers that run though the program was late to start them."""

from textual.message_pump import MessagePump
from textual.timer import Timer, TimerCallback


class SureTimers(MessagePump):
    """A screen or app whose single timers are never lost. It is the last of several base classes."""

    def set_timer(
        self,
        delay: float,
        callback: TimerCallback | None = None,
        *,
        name: str | None = None,
        pause: bool = False,
    ) -> Timer:
        """Call a function once, after a delay in seconds.

        Textual's own timer leaves out the times that are over when its task gets its turn, which is right for a
        repeated one. A single one of 2 ms is then never called, if the processor did other work for so long.
        """
        timer = super().set_timer(delay, callback, name=name, pause=pause)
        timer._skip = False
        return timer
