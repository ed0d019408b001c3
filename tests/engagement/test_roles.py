"""What a role lets a member of staff do, and where."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User

from engagement.models import StaffMembership, Workplace
from engagement.roles import GROUPS, make_groups
from engagement.terms import Role
from tests.engagement import factories

RETRY, PAUSE, SEE = "queues.operate_job", "queues.administer_queue", "queues.view_job"


def member(role: str, workplace: Workplace, **given: Any) -> User:
    """Somebody with a role at a workplace."""
    user = User.objects.create_user(f"{role}-{workplace.slug}", **given)
    StaffMembership.objects.create(user=user, workplace=workplace, role=role)
    return user


@pytest.mark.parametrize(
    ("role", "held"),
    [(Role.VIEWER, {SEE}), (Role.OPERATOR, {SEE, RETRY}), (Role.ADMIN, {SEE, RETRY, PAUSE})],
)
def test_each_role_holds_what_its_group_holds(role: Role, held: set[str], db: None) -> None:
    here, elsewhere = factories.clinic(), factories.clinic()
    user: Any = member(role, here)
    for permission in (SEE, RETRY, PAUSE):
        assert user.has_perm(permission) is (permission in held)
        assert user.has_perm(permission, str(here.pk)) is (permission in held)
        assert not user.has_perm(permission, str(elsewhere.pk))
    assert user.has_module_perms("queues")
    assert not user.has_module_perms("auth")


def test_roles_at_two_workplaces_do_not_mix(db: None) -> None:
    here, elsewhere = factories.clinic(), factories.clinic()
    user: Any = member(Role.ADMIN, here)
    StaffMembership.objects.create(user=user, workplace=elsewhere, role=Role.VIEWER)
    assert user.has_perm(PAUSE, str(here.pk))
    assert not user.has_perm(PAUSE, str(elsewhere.pk))
    assert user.has_perm(SEE, str(elsewhere.pk))


def test_who_has_left_holds_nothing(db: None) -> None:
    here = factories.clinic()
    user: Any = member(Role.ADMIN, here, is_active=False)
    assert not user.has_perm(SEE)
    assert not user.has_perm(SEE, str(here.pk))


def test_groups_are_made_once_and_keep_what_was_added(db: None) -> None:
    # Given the groups as migrations made them, one permission taken away and one added
    extra = Permission.objects.get(codename="add_user")
    viewer = Group.objects.get(name=GROUPS[Role.VIEWER])
    viewer.permissions.remove(Permission.objects.get(codename="view_job"))
    viewer.permissions.add(extra)
    # When migrations run again
    make_groups(apps.get_app_config("queues"))
    # Then what was lacking is back, and what was added is still there
    assert set(GROUPS.values()) == set(Group.objects.values_list("name", flat=True))
    held = set(viewer.permissions.values_list("codename", flat=True))
    assert {"view_job", "view_patient", "add_user"} <= held
    assert not {name for name in held if name.startswith(("change_", "delete_"))}
