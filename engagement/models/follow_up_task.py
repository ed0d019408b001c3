"""Something for staff to do."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from engagement.models.base import ClinicModel, choice, one_of
from engagement.models.patient import Patient
from engagement.models.workplace import Workplace
from engagement.terms import TaskPriority, TaskReason, TaskStatus


class FollowUpTask(ClinicModel):
    """A task (FHIR) about a patient; the system opens at most one for each reason and what it is about."""

    workplace = models.ForeignKey(Workplace, on_delete=models.PROTECT, related_name="tasks")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="tasks")
    reason = choice(TaskReason)
    #: What it is about, as an opaque reference: ``appointment:{id}:{schedule_version}``.
    about = models.CharField(max_length=200)
    status = choice(TaskStatus, default=TaskStatus.REQUESTED)
    priority = choice(TaskPriority, default=TaskPriority.ROUTINE)
    #: A word of the workplace's own about how it stands; never what status says.
    business_status = models.CharField(max_length=64, blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="follow_up_tasks"
    )
    due_at = models.DateTimeField()
    #: Who closed it: the system may take back only what nobody has taken up.
    closed_by_system = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["due_at"]
        indexes: ClassVar = [models.Index(fields=["workplace", "status", "due_at"], name="task_list")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "reason", "about"], name="task_once"),
            one_of("reason", TaskReason, "task_reason"),
            one_of("status", TaskStatus, "task_status"),
            one_of("priority", TaskPriority, "task_priority"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.status})"
