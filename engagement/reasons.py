"""Why a reminder, or one channel of it, did not go out: one enum each, with a sentence for staff as its label."""

from django.db.models import TextChoices


class SkipReason(TextChoices):
    """A gate was closed. The job succeeded; there was nothing to send."""

    WORKPLACE_INACTIVE = "workplace-inactive", "The workplace is not active."
    PATIENT_INACTIVE = "patient-inactive", "The patient's record is not active."
    DECEASED = "deceased", "The patient has died."
    SUPERSEDED = "superseded", "The appointment was cancelled, moved or is no longer booked."
    LATE = "late", "It was too late to send it."
    NO_CONTACT = "no-contact", "The patient has no contact for this channel."
    CONTACT_INVALID = "contact-invalid", "Every contact for this channel is old or known to be invalid."
    NO_CONSENT = "no-consent", "The patient has not agreed to messages on this channel."
    OPTED_OUT = "opted-out", "The patient has opted out of this channel."
    QUIET_HOURS = "quiet-hours", "Quiet hours end too shortly before the appointment to wait for them."
    CAP_REACHED = "cap-reached", "The patient has had as many messages of this kind today as the workplace allows."
    CHANNEL_ON_HOLD = "channel-on-hold", "The channel was on hold, or its provider down, until it was too late."


class FailureReason(TextChoices):
    """It was tried and did not go out, or nobody knows whether it did."""

    RECIPIENT = "recipient-refused", "The provider refused the address for good; the contact is marked invalid."
    MESSAGE = "message-refused", "The provider refused the message for good."
    EXHAUSTED = "attempts-exhausted", "The provider could not take it in any of the attempts."
    CRASHED = "crashed-while-sending", "The worker was lost while sending; it may or may not have gone out."
    NOT_ARRIVED = "not-arrived", "Staff found out that it did not arrive."
    AMBIGUOUS = "ambiguous-answer", "The provider gave no clear answer; it may or may not have gone out."


#: What a delivery may give as its reason.
DELIVERY_REASONS = [*SkipReason.choices, *FailureReason.choices]
