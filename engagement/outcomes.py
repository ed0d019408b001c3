"""What a provider may answer: one frozen class each, so that whoever handles them handles all of them."""

from dataclasses import dataclass

from django.db.models import TextChoices


class OutcomeClass(TextChoices):
    """The classes' names, as they are stored with each attempt."""

    ACCEPTED = "accepted", "Accepted"
    TRANSIENT = "transient", "Failed for now"
    PERMANENT_RECIPIENT = "permanent-recipient", "Address refused for good"
    PERMANENT_MESSAGE = "permanent-message", "Message refused for good"
    OPTED_OUT = "opted-out", "Recipient has opted out"
    CONFIGURATION = "configuration", "Provider not set up rightly"
    AMBIGUOUS = "ambiguous", "No clear answer"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it; only its receipt says that it arrived."""

    provider_id: str
    code: str = "ok"
    kind = OutcomeClass.ACCEPTED


@dataclass(frozen=True, slots=True)
class Transient:
    """Not taken, for now; try again."""

    code: str
    #: Seconds that the provider asked to wait at least, if it did.
    retry_after: float | None = None
    kind = OutcomeClass.TRANSIENT


@dataclass(frozen=True, slots=True)
class PermanentRecipient:
    """This address will never work: mark the contact invalid, try the next one once."""

    code: str
    kind = OutcomeClass.PERMANENT_RECIPIENT


@dataclass(frozen=True, slots=True)
class PermanentMessage:
    """This message will never be taken, whatever the address."""

    code: str
    kind = OutcomeClass.PERMANENT_MESSAGE


@dataclass(frozen=True, slots=True)
class OptedOut:
    """The recipient told the provider to be left alone: record that they refuse the channel."""

    code: str
    kind = OutcomeClass.OPTED_OUT


@dataclass(frozen=True, slots=True)
class ConfigurationError:
    """We are set up wrongly: hold the channel, tell somebody; neither the job nor the contact is to blame."""

    code: str
    kind = OutcomeClass.CONFIGURATION


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The request left and no clear answer came: it may have gone out."""

    code: str
    kind = OutcomeClass.AMBIGUOUS


Outcome = Accepted | Transient | PermanentRecipient | PermanentMessage | OptedOut | ConfigurationError | Ambiguous
