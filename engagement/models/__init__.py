"""The clinic's tables."""

from engagement.models.appointment import Appointment
from engagement.models.channel_hold import ChannelHold
from engagement.models.consent import Consent
from engagement.models.contact_point import ContactPoint
from engagement.models.delivery import Delivery
from engagement.models.delivery_attempt import DeliveryAttempt
from engagement.models.follow_up_task import FollowUpTask
from engagement.models.outbox_message import OutboxMessage
from engagement.models.patient import Patient
from engagement.models.reminder import Reminder
from engagement.models.staff_membership import StaffMembership
from engagement.models.workplace import Workplace

__all__ = [
    "Appointment",
    "ChannelHold",
    "Consent",
    "ContactPoint",
    "Delivery",
    "DeliveryAttempt",
    "FollowUpTask",
    "OutboxMessage",
    "Patient",
    "Reminder",
    "StaffMembership",
    "Workplace",
]
