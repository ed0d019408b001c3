"""Three clinics in three time zones: whatever the hour, it is day in one of them."""

from dataclasses import dataclass

from engagement.models import Workplace


@dataclass(frozen=True, slots=True)
class DemoClinic:
    """What a clinic of the demo is made of."""

    slug: str
    name: str
    timezone: str
    locale: str
    phone: str
    #: Telephone numbers of its patients: kept free for fiction by the country's regulator; two or three digits follow.
    numbers: str
    digits: int


CLINICS = (
    DemoClinic("harbour", "Harbour Family Practice", "America/New_York", "en", "+1 212 555 0100", "+121255501", 2),
    DemoClinic("markt", "Praxis am Markt", "Europe/Berlin", "de", "+49 30 23125 000", "+4917139200", 2),
    DemoClinic("southbank", "Southbank Medical Centre", "Australia/Sydney", "en", "+61 2 5550 0000", "+61491570", 3),
)
#: The clinic whose email provider misbehaves; quiet hours do not bind email, so it shows at any hour.
MISBEHAVING = "markt"

#: The demo may be started many times a day for the same patients; each time they are to get their messages.
RULES = {"daily_caps": {"appointment": 1000}}


def make_clinics() -> dict[str, Workplace]:
    """The clinics by slug, made or as they are."""
    return {
        clinic.slug: Workplace.objects.get_or_create(
            slug=clinic.slug,
            defaults={
                "name": clinic.name,
                "timezone": clinic.timezone,
                "locale": clinic.locale,
                "phone": clinic.phone,
                "rules": RULES,
            },
        )[0]
        for clinic in CLINICS
    }
