"""What the clinic refuses, as one tree; each message says why and what to do."""


class EngagementError(Exception):
    """Anything the clinic refuses."""


class InvalidBooking(EngagementError):
    """An appointment cannot be made or changed so; ``field`` names what is wrong."""

    def __init__(self, field: str, text: str) -> None:
        self.field = field
        super().__init__(f"{field}: {text}")


class InvalidContact(EngagementError):
    """An address or number that nobody could be reached at; the message does not repeat it."""

    def __init__(self, system: str, text: str) -> None:
        self.system = system
        super().__init__(f"{system}: {text}")


class SendingFailed(EngagementError):
    """A provider could not take a message for now."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"Not sent for now: {code}.")


class ProviderSilent(EngagementError):
    """A provider could not be asked; only the class of the error is told, for its text may quote an address."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"The provider could not be asked about a message ({type(error).__name__}).")


class NotUnknown(EngagementError):
    """It is known already what became of the message."""

    def __init__(self, status: str) -> None:
        self.status = status
        super().__init__(f"It is known what became of this message: it is {status}.")
