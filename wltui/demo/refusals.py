"""How the API refuses."""


class RefusalError(Exception):
    """The API refuses a request, with a status and a message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message
