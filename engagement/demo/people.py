"""Made-up patients, whose contacts and consents differ as those of real ones do."""

from datetime import date, datetime, timedelta
from random import Random

from engagement.demo.clinics import DemoClinic
from engagement.models import Consent, ContactPoint, Patient, Workplace
from engagement.terms import Channel, ConsentDecision, ContactSystem, ContactUse

GIVEN = (
    "Ada", "Bruno", "Carla", "David", "Elif", "Farid", "Greta", "Hana", "Ivo", "Jana", "Karim", "Lena", "Mateo", "Nora",
    "Omar", "Paula", "Quentin", "Rosa", "Samir", "Tilda", "Uwe", "Vera", "Wanda", "Yusuf", "Zoe",
)  # fmt: skip
FAMILY = (
    "Abel", "Brandt", "Castro", "Demir", "Engel", "Fischer", "Garcia", "Hughes", "Ivanov", "Jansen", "Keller", "Lopez",
    "Meyer", "Novak", "Okafor", "Petrov", "Quinn", "Rossi", "Singh", "Tanaka", "Ueda", "Vogel", "Walsh", "Zhou",
)  # fmt: skip


def make_patients(clinic: DemoClinic, workplace: Workplace, count: int, now: datetime) -> list[Patient]:
    """Up to ``count`` patients of a clinic; always the same ones, and only if it has none yet."""
    known = list(workplace.patients.order_by("id"))
    if known:
        return known
    random = Random(clinic.slug)  # noqa: S311  the same people each time
    patients = Patient.objects.bulk_create(
        Patient(
            workplace=workplace,
            given_name=random.choice(GIVEN),
            family_name=random.choice(FAMILY),
            birth_date=date(1930, 1, 1) + timedelta(days=random.randrange(75 * 365)),
            language=random.choice(("", "", "", "en", "de")),
            timezone="Europe/Lisbon" if number % 20 == 7 else "",  # noqa: PLR2004
            active=number % 40 != 39,  # noqa: PLR2004
            preferred_channels=[Channel.EMAIL, Channel.WHATSAPP] if number % 9 == 4 else [],  # noqa: PLR2004
        )
        for number in range(count)
    )
    ContactPoint.objects.bulk_create(
        contact for number, patient in enumerate(patients) for contact in _contacts(clinic, patient, number, now)
    )
    Consent.objects.bulk_create(
        consent for number, patient in enumerate(patients) for consent in _consents(patient, number, now)
    )
    return patients


def _contacts(clinic: DemoClinic, patient: Patient, number: int, now: datetime) -> list[ContactPoint]:
    """Email and a mobile for most; some have only one of them, some an address that is known to be wrong."""
    email = ContactPoint(
        patient=patient, system=ContactSystem.EMAIL, value=f"{clinic.slug}.{number}@example.org", use=ContactUse.HOME
    )
    mobile = ContactPoint(
        patient=patient,
        system=ContactSystem.PHONE,
        value=f"{clinic.numbers}{number % 10**clinic.digits:0{clinic.digits}}",
        use=ContactUse.MOBILE,
    )
    match number % 12:
        case 10:
            return [mobile]
        case 11:
            email.invalid_at, email.invalid_reason = now - timedelta(days=12), "5.1.1"
            return [email, mobile]
        case 9:
            return [email]
        case _:
            return [email, mobile]


def _consents(patient: Patient, number: int, now: datetime) -> list[Consent]:
    """Most agreed to SMS and WhatsApp; some were never asked, some took it back."""
    if number % 8 == 6:  # noqa: PLR2004
        return []
    said = [
        Consent(
            patient=patient,
            channel=channel,
            decision=ConsentDecision.PERMIT,
            decided_at=now - timedelta(days=200),
            evidence=f"form {number:04}",
        )
        for channel in (Channel.SMS, Channel.WHATSAPP)
    ]
    if number % 8 == 7:  # noqa: PLR2004
        said.append(
            Consent(
                patient=patient,
                channel=Channel.SMS,
                decision=ConsentDecision.DENY,
                decided_at=now - timedelta(days=20),
                evidence="STOP by SMS",
            )
        )
    return said
