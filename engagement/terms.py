"""The clinic's words: every status, channel and reason that is stored or sent, each with its label for people."""

from django.db.models import TextChoices


class Channel(TextChoices):
    """A way to reach a patient."""

    EMAIL = "email", "Email"
    SMS = "sms", "SMS"
    PUSH = "push", "Push"
    WHATSAPP = "whatsapp", "WhatsApp"


class ReminderKind(TextChoices):
    """What a reminder is about; caps count each kind by itself."""

    APPOINTMENT = "appointment", "Appointment"
    MEDICATION = "medication", "Medication"


class ReminderType(TextChoices):
    """How long before the start an appointment reminder is due, in elapsed time."""

    DAY = "24h", "24 hours before"
    TWO_HOURS = "2h", "2 hours before"
    QUARTER = "15min", "15 minutes before"


class ReminderStatus(TextChoices):
    """Where a reminder stands."""

    PLANNED = "planned", "Planned"
    DONE = "done", "Done"
    SKIPPED = "skipped", "Skipped"
    REVOKED = "revoked", "Revoked"


class DeliveryStatus(TextChoices):
    """Where a reminder stands on one channel; ``sent`` is the provider's answer, ``delivered`` its receipt."""

    PENDING = "pending", "Pending"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    SKIPPED = "skipped", "Skipped"
    UNKNOWN = "unknown", "Unknown"


#: The message may have reached the patient: it is never sent again, and it counts towards the day's cap.
POSSIBLY_SENT = (DeliveryStatus.SENDING, DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.UNKNOWN)


class AppointmentStatus(TextChoices):
    """FHIR's Appointment.status."""

    PROPOSED = "proposed", "Proposed"
    PENDING = "pending", "Pending"
    BOOKED = "booked", "Booked"
    ARRIVED = "arrived", "Arrived"
    FULFILLED = "fulfilled", "Fulfilled"
    CANCELLED = "cancelled", "Cancelled"
    NOSHOW = "noshow", "No-show"
    ENTERED_IN_ERROR = "entered-in-error", "Entered in error"
    CHECKED_IN = "checked-in", "Checked in"
    WAITLIST = "waitlist", "Waitlist"


class ContactSystem(TextChoices):
    """FHIR's ContactPoint.system, and two of ours."""

    PHONE = "phone", "Phone"
    EMAIL = "email", "Email"
    SMS = "sms", "SMS"
    PUSH = "push", "Push"
    WHATSAPP = "whatsapp", "WhatsApp"


#: Systems whose value is a telephone number in E.164.
TELEPHONE_SYSTEMS = (ContactSystem.PHONE, ContactSystem.SMS, ContactSystem.WHATSAPP)


class ContactUse(TextChoices):
    """FHIR's ContactPoint.use."""

    HOME = "home", "Home"
    WORK = "work", "Work"
    MOBILE = "mobile", "Mobile"
    TEMP = "temp", "Temporary"
    OLD = "old", "Old"


class ConsentDecision(TextChoices):
    """What the patient said."""

    PERMIT = "permit", "Permit"
    DENY = "deny", "Deny"


class ConsentPurpose(TextChoices):
    """What the patient said it about."""

    ANY = "any", "Any message"
    APPOINTMENT = "appointment", "Appointment reminders"
    MEDICATION = "medication", "Medication reminders"


class Role(TextChoices):
    """What a member of staff may do at a workplace."""

    VIEWER = "viewer", "Viewer"
    OPERATOR = "operator", "Operator"
    ADMIN = "admin", "Admin"


class StaffFunction(TextChoices):
    """Whom escalations and tasks go to."""

    NONE = "none", "None"
    SUPERVISOR = "supervisor", "Supervisor"
    CLINIC_LEAD = "clinic-lead", "Clinic lead"
    PHARMACIST = "pharmacist", "Pharmacist"
    RECEPTION = "reception", "Reception"


class TaskStatus(TextChoices):
    """FHIR's Task.status."""

    DRAFT = "draft", "Draft"
    REQUESTED = "requested", "Requested"
    RECEIVED = "received", "Received"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    READY = "ready", "Ready"
    CANCELLED = "cancelled", "Cancelled"
    IN_PROGRESS = "in-progress", "In progress"
    ON_HOLD = "on-hold", "On hold"
    FAILED = "failed", "Failed"
    COMPLETED = "completed", "Completed"
    ENTERED_IN_ERROR = "entered-in-error", "Entered in error"


class TaskPriority(TextChoices):
    """FHIR's Task.priority, least first."""

    ROUTINE = "routine", "Routine"
    URGENT = "urgent", "Urgent"
    ASAP = "asap", "As soon as possible"
    STAT = "stat", "Immediately"


class TaskReason(TextChoices):
    """Why a task was opened; the label is the task's title."""

    PHONE_PATIENT = "phone-patient", "Phone the patient: the reminder could not be delivered"
    CHECK_DELIVERY = "check-delivery", "Find out whether the reminder arrived; phone the patient if it did not"
