"""Planted personal data in both languages is masked; prices, durations, credit counts and package names stay."""

from collections import Counter

import pytest

from harness.data.importing import own_addresses, vocabulary
from harness.data.scrub import Scrubber
from harness.suite.item import Split
from harness.suite.suite import load_suite

SUITE = load_suite("facencial")
NAMES = ["Budi Santoso", "Putri Ayu Lestari", "Sarah O'Connor"]
SCRUBBER = Scrubber(own_addresses(SUITE), NAMES)

# Every number is made up; NIK and card numbers pass their checks (3171… is a Jakarta NIK, 4111… Visa's test card).
PLANTED = [
    ("Kak hubungi saya di 0812-3456-7890 ya", "0812-3456-7890", "PHONE"),
    ("WA gw 081234567890 min", "081234567890", "PHONE"),
    ("nomor saya +62 812 3456 7890.", "+62 812 3456 7890", "PHONE"),
    ("telepon kantor (021) 555 1234 jam kerja", "(021) 555 1234", "PHONE"),
    ("tlp rumah 021-5551234", "021-5551234", "PHONE"),
    ("bisa chat ke 62812-3456-7890", "62812-3456-7890", "PHONE"),
    ("0812 3456 7890 itu nomorku", "0812 3456 7890", "PHONE"),
    ("wa.me/6281234567890 kak", "6281234567890", "PHONE"),
    ("saya Tono (0812-3456-7890)", "0812-3456-7890", "PHONE"),
    ("telp (0274) 512345 Jogja", "(0274) 512345", "PHONE"),
    ("022-4201234 kantor Bandung", "022-4201234", "PHONE"),
    ("call me at +1 415 555 2671 please", "+1 415 555 2671", "PHONE"),
    ("My number is 0857.1234.5678, text me", "0857.1234.5678", "PHONE"),
    ("email saya budi.s@contoh.co.id tolong", "budi.s@contoh.co.id", "EMAIL"),
    ("Write to sarah+photo@example.org.", "sarah+photo@example.org", "EMAIL"),
    ("BUDI_99@GMAIL.COM belum masuk", "BUDI_99@GMAIL.COM", "EMAIL"),
    ("admin lama budi@facencial.com", "budi@facencial.com", "EMAIL"),
    ("NIK saya 3171012801910001", "3171012801910001", "NIK"),
    ("KTP: 3171 0128 0191 0001", "3171 0128 0191 0001", "NIK"),
    ("ktp 3171.0141.0191.0002 ya", "3171.0141.0191.0002", "NIK"),
    ("nik salah ketik 9971012801910001", "9971012801910001", "NIK"),
    ("paid with 4111 1111 1111 1111", "4111 1111 1111 1111", "CARD"),
    ("kartu 5555-5555-5555-4444 ditolak", "5555-5555-5555-4444", "CARD"),
    ("amex 378282246310005 charged twice", "378282246310005", "CARD"),
    ("refund to DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00", "IBAN"),
    ("IBAN GB82WEST12345698765432 please", "GB82WEST12345698765432", "IBAN"),
    ("transfer ke rekening BCA 1234567890", "1234567890", "ACCOUNT"),
    ("no rek. mandiri 137-00-1234567-8 ya", "137-00-1234567-8", "ACCOUNT"),
    ("my account number is 0098765432", "0098765432", "ACCOUNT"),
    ("Saya Budi Santoso mau tanya", "Budi Santoso", "NAME"),
    ("atas nama budi santoso", "budi santoso", "NAME"),
    ("Halo, ini Putri dari Bandung", "Putri", "NAME"),
    ("Hi, Sarah O'Connor here", "Sarah O'Connor", "NAME"),
    ("PUTRI AYU LESTARI belum dibalas", "PUTRI AYU LESTARI", "NAME"),
    ("Nama saya Joko Widianto dan foto saya gagal", "Joko Widianto", "NAME"),
    ("My name is Emma Clarke, hello", "Emma Clarke", "NAME"),
]

HARMLESS = [
    "Paket D Rp50.000 untuk 100 kredit, Rp500 per foto",
    "Realistic Lite from Rp10,000 for 16 credits (Rp625 a photo)",
    "training 5-10 menit lalu 20 detik per foto, biaya Rp16.000",
    "total 50.000 + 16.000 = 66.000 rupiah atau 66000",
    "tgl 2026-11-24 jam 10.30, tanggal 24/11/2026 pukul 10:30",
    "foto 1920x1080 px, 300 dpi, 2.500.000 byte",
    "harga 1.000.000.000 rupiah? 150000 x 3 = 450000",
    "paket A, B, C, D dan E, 1 kredit = 1 foto, 16 20 100",
    "email support@facencial.com atau Support@Facencial.com",
    "putri saya wisuda, ayu sekali fotonya",
    "resolusi 12345 x 54321, versi 1.2.3.4",
    "Sisa 75 ribu, paket 100 kredit 50rb, diskon 30%",
    "my name isn't shown, nama saya tidak muncul",
    "order 1000 2000 3000 photos for 16 credits",
    "rekening koran? biaya 16.000 per model",
]


def test_every_planted_datum_is_masked() -> None:
    missed = []
    for text, datum, kind in PLANTED:
        scrubbed, counts = SCRUBBER.scrub(text)
        if scrubbed != text.replace(datum, f"<{kind}>") or counts != Counter([kind]):
            missed.append((text, scrubbed))
    assert missed == []
    assert Counter(kind for _, _, kind in PLANTED).total() == 36


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_that_are_the_service_stay(text: str) -> None:
    assert SCRUBBER.scrub(text) == (text, Counter())


def test_of_1824_rows_of_the_suite_only_a_mistyped_address_is_masked() -> None:
    scrubber = Scrubber(own_addresses(SUITE))
    items = [item for split in Split for item in SUITE.items(split)]
    masked: Counter[str] = Counter()
    touched = set()
    for item in items:
        for text in (item.problem, item.generated_solution):
            _, counts = scrubber.scrub(text)
            masked += counts
            touched |= {item.intent} if counts else set()
    assert len(items) > 1800
    assert masked == Counter(EMAIL=2)  # a customer who wrote to an address that is not the service's
    assert len(touched) == 1


def test_several_kinds_in_one_text_and_counts() -> None:
    text = "Nama saya Budi Santoso, NIK 3171012801910001, WA 0812-3456-7890 / +62 813 9876 5432, budi@contoh.id. Paket D Rp50.000?"
    scrubbed, counts = SCRUBBER.scrub(text)
    assert scrubbed == "Nama saya <NAME>, NIK <NIK>, WA <PHONE> / <PHONE>, <EMAIL>. Paket D Rp50.000?"
    assert counts == Counter(NAME=1, NIK=1, PHONE=2, EMAIL=1)
    assert SCRUBBER.scrub(scrubbed) == (scrubbed, Counter())


def test_the_services_own_address_comes_from_the_knowledge_base() -> None:
    assert own_addresses(SUITE) == {"support@facencial.com"}
    assert Scrubber().scrub("support@facencial.com")[0] == "<EMAIL>"


def test_words_of_the_service_stay_though_they_are_part_of_a_name() -> None:
    scrubber = Scrubber(own_addresses(SUITE), ["Foto Jaya Paket"], vocabulary(SUITE))
    assert (
        scrubber.scrub("Foto saya di Paket D? Jaya, dari Foto Jaya Paket")[0]
        == "Foto saya di Paket D? <NAME>, dari <NAME>"
    )
