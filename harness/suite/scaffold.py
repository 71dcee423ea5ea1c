"""A new suite: empty but for two example facts, the two ways not to answer, and one example intent a split, valid, locked, and run at once."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

from harness.errors import InputError
from harness.suite.canary import make_canary
from harness.suite.item import Split
from harness.suite.lock import write_lock
from harness.suite.suite import Suite
from harness.suite.tasks import write_tasks

DOMAIN = "example"

_SETTINGS = """\
title = "{name} customer service"
service = "{name}"
version = 1
# Every row of the test split carries this string, so that a corpus which swallowed the benchmark can be recognised.
canary = "{canary}"

# The line above knowledge entries in the prompt of a candidate that retrieves.
[knowledge_heading]
id = "Yang diketahui tentang {name}:"
en = "What is known of {name}:"

# Shares of customers' messages by domain, in any unit; without them domains weigh the same.
# [traffic]
# {domain} = 100
"""

_FACTS = """\
# Everything that is known of the service, one record a fact. What is not here is not known.
#
# id, en     the fact in both languages
# value      the number or numbers in it, with their unit(s)
# as_of      the day the fact was last confirmed
# said       accepted forms: any of them in an answer states the fact (syntax: harness/text/forms.py)
# denied     forms that contradict it, in an answer to an item that requires it

[price.basic]
id = "Paket dasar Rp25.000 per bulan."
en = "The basic plan is Rp25,000 a month."
value = 25000
unit = "IDR"
as_of = {today}
said = ["Rp25.000"]

[support.email]
id = "Hubungi help@example.com."
en = "Write to help@example.com."
as_of = {today}
said = ["help@example.com"]

# What an answer does rather than states: required of the gold where a question cannot be answered, or is not about the service.

[answer.unknown]
id = "Jawaban menyatakan bahwa informasinya tidak tersedia."
en = "The answer says that the information is not available."
as_of = {today}
said = [
    "NOT ... informasi*|info|tahu|diketahui|disebutkan|tersedia",
    "informasi*|info|itu ... NOT ... tersedia|ada|disebutkan",
    "NOT ... information|know|known|stated|available",
    "information|that ... NOT ... available|stated|known",
]

[answer.declined]
id = "Jawaban menolak dengan sopan karena di luar layanan."
en = "The answer politely declines what is outside the service."
as_of = {today}
said = [
    "luar ... layanan|bidang",
    "hanya ... membantu|melayani",
    "outside ... service*|help",
    "only ... help|assist",
]
"""

_PROMPT = """\
You are the customer service of {name}. Reply politely in the customer's language (Indonesian or English). If you do not know something, say so.
Always write in exactly this form, with both tags:
<think>one sentence of reasoning</think>
<output>your answer to the customer</output>
"""

_README = """\
# Suite `{name}`

Made by `harness suite init`. The facts and questions in it are examples: replace them by your own.

| file | holds |
|---|---|
| `suite.toml` | title, canary, heading of retrieved facts, traffic by domain |
| `knowledge/facts.toml` | everything that is known of the service, one record a fact |
| `data/<split>/<domain>.jsonl` | one item a line; splits are train, feedback, dev and test, and an intent stands in one of them |
| `prompts/format.txt` | system prompt for candidates that were not trained to the format |
| `*.yaml`, `task.py` | the suite for plain lm-eval, written by `harness suite tasks {name}` |
| `lock.json` | hashes of facts, data and settings, written by `harness suite lock {name}` |

A domain is a file name under `data/`. An intent is one question in all its wordings: at least one row in Indonesian (`id`) and
one in English (`en`), asking for the same facts. Rows of `test` carry the canary of `suite.toml`; other rows have none.

After every edit: `harness suite lint {name}`, `harness suite tasks {name}` (where a domain came or went),
`harness suite lock {name}`. In `harness.toml`: `suite = "{name}"`, `tasks = "{folder}"`.

    harness compare CANDIDATE...
    lm_eval run --include_path {folder} --tasks {name} --model hf --model_args pretrained=… --apply_chat_template \\
        --system_instruction "$(cat {folder}/{name}/prompts/format.txt)"
"""

Rows = tuple[tuple[str, str, str, str, str], tuple[str, str, str, str, str]]
"""(language, register, question, reasoning, answer), one in Indonesian and one in English."""

_INTENTS: dict[Split, tuple[str, str, Rows]] = {
    Split.TRAIN: ("price", "price.basic", (
        ("id", "formal", "Selamat pagi, berapa harga paket dasar?",
         "Ditanya harga paket dasar: Rp25.000 per bulan.", "Selamat pagi Kak, harga paket dasar Rp25.000 per bulan."),
        ("en", "terse", "price of the basic plan?",
         "They ask for the price of the basic plan.", "Hello, the basic plan is Rp25,000 a month. Thank you for asking!"),
    )),
    Split.FEEDBACK: ("where-to-complain", "support.email", (
        ("id", "chatty", "kak mau komplain dong, kirim ke mana ya?",
         "Ditanya alamat untuk keluhan.", "Mohon maaf atas kendalanya, Kak. Silakan kirim ke help@example.com."),
        ("en", "slang", "yo who do i even write to about a bill thats wrong",
         "They want to complain about a bill.", "Sorry about the bill! Please write to help@example.com and we will look into it."),
    )),
    Split.DEV: ("yearly-cost", "price.basic", (
        ("id", "slang", "min klo langganan yg paling basic tu sebulannya kena brp sih",
         "Ditanya biaya bulanan paket dasar.", "Halo Kak, paket dasar kena Rp25.000 untuk satu bulan."),
        ("en", "long", "My daughter wants me to pay for your smallest subscription and I would rather know first what it costs me.",
         "A parent asks for the cost of the basic plan.", "Of course! The basic plan costs Rp25,000 for each month."),
    )),
    Split.TEST: ("thirty-thousand-budget", "price.basic", (
        ("id", "typo", "uang sy cm 30rb per buln, ckup g y buat pket dasr?",
         "Rp30.000 cukup, karena paket dasar Rp25.000 per bulan.", "Cukup, Kak. Paket dasar hanya Rp25.000 per bulan."),
        ("en", "formal", "Would a monthly budget of Rp30,000 be sufficient for your entry subscription?",
         "Rp30,000 is enough: the basic plan is Rp25,000 a month.", "Yes, it is enough: the basic plan is Rp25,000 a month."),
    )),
}  # fmt: skip


def _rows(split: Split, canary: str) -> list[dict[str, Any]]:
    intent, fact, rows = _INTENTS[split]
    return [
        {
            "id": f"{DOMAIN}-{split}-01-{language}",
            "intent": f"{DOMAIN}.{intent}",
            "domain": DOMAIN,
            "language": language,
            "register": register,
            "problem": question,
            "generated_solution": f"<think>{reasoning}</think>\n<output>{answer}</output>",
            "expected_answer": answer,
            "answerable": "in_scope",
            "facts_required": [fact],
            "facts_forbidden": [],
            "knowledge": [fact],
            "author_kind": "model",
            "author": "harness suite init",
            **({"canary": canary} if split is Split.TEST else {}),
        }
        for language, register, question, reasoning, answer in rows
    ]


def init_suite(name: str, folder: Path, shown_folder: str) -> Suite:
    """Write a new suite into ``folder``/``name`` and lock it; ``shown_folder`` is how its README names the folder.

    Raises `InputError` where the name cannot be a task name or the folder is taken.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise InputError(f"suite name {name!r}: small letters, digits and _ only, beginning with a letter")
    root = folder / name
    if root.exists():
        raise InputError(f"{root}: there already; choose another name")
    canary = make_canary()
    files = {
        "suite.toml": _SETTINGS.format(name=name, canary=canary, domain=DOMAIN),
        "knowledge/facts.toml": _FACTS.format(today=date.today().isoformat()),
        "prompts/format.txt": _PROMPT.format(name=name),
        "README.md": _README.format(name=name, folder=shown_folder),
    }
    for split in Split:
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in _rows(split, canary))
        files[f"data/{split}/{DOMAIN}.jsonl"] = "".join(lines)
    try:
        for relative, text in files.items():
            (root / relative).parent.mkdir(parents=True, exist_ok=True)
            (root / relative).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{root}: cannot write ({error.strerror}); name a folder that is yours with --folder"
        ) from None
    suite = Suite(name, root)
    write_tasks(suite)
    write_lock(suite)
    return suite
