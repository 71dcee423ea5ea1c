"""Records from a mailbox: the customer's own words, and the service's reply to them where it is there too."""

import mailbox
from collections.abc import Iterator, Set
from contextlib import closing
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses
from pathlib import Path
from typing import Any

from harness.data.record import Record
from harness.errors import InputError

_QUOTE = r"(?:> ?)*"
# mail-parser-reply knows thirteen languages, but not Indonesian.
_INDONESIAN = {
    "wrote_header": rf"^({_QUOTE}Pada\s(?:.+?\s?.+?)\s?menulis:)$",
    "from_header": rf"((?:(?:^|\n|\n{_QUOTE})[* ]*(?:Dari|Dikirim|Kepada|Perihal|Subjek|Tanggal|Cc):[ *]*(?:\s{{,2}}).*){{2,}}(?:\n.*){{,1}})",
    "disclaimers": [],
    "signatures": [
        r"(?:Salam(?: hormat| hangat)?|Hormat (?:saya|kami)|Terima ?kasih(?: banyak)?|Makasih|Wassalam)[,.!]?[ \t]*$"
    ],
    "sent_from": "Dikirim dari",
}


@dataclass(frozen=True, slots=True)
class _Mail:
    line: int
    message_id: str
    parent: str
    sender: str
    names: tuple[str, ...]
    body: str | None


def read_mailbox(path: Path, own_addresses: Set[str]) -> Iterator[Record]:
    """Messages of an mbox file that customers wrote, each with the service's first reply (by In-Reply-To) as its answer.

    Quoted text and signatures are dropped. A message without a plain-text body has no texts. Raises `InputError` where the
    file is no mailbox.
    """
    mails = list(_mails(path))
    replies: dict[str, str] = {}
    for mail in mails:
        if mail.sender in own_addresses and mail.body and mail.parent:
            replies.setdefault(mail.parent, mail.body)
    names = tuple(dict.fromkeys(name for mail in mails if mail.sender not in own_addresses for name in mail.names))
    for mail in mails:
        if mail.sender in own_addresses:
            continue
        texts = {"problem": mail.body} if mail.body else {}
        if mail.body and mail.message_id in replies:
            texts["expected_answer"] = replies[mail.message_id]
        yield Record(f"{path}:{mail.line}", texts, names)


def _mails(path: Path) -> Iterator[_Mail]:
    try:
        lines = [number for number, line in enumerate(path.read_bytes().split(b"\n"), 1) if line.startswith(b"From ")]
        box = mailbox.mbox(path, factory=_parse, create=False)
    except (OSError, mailbox.Error) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    if not lines:
        raise InputError(f"{path}:1: not a mailbox; an mbox file begins each message with a line 'From '")
    with closing(box):
        for line, key in zip(lines, box.keys(), strict=True):
            try:
                yield _mail(line, box[key])
            except InputError:
                raise
            except Exception:  # the standard library raises several kinds for a header or body no mail program writes
                yield _Mail(line, "", "", "", (), None)


def _parse(file: Any) -> Any:
    return BytesParser(policy=policy.default).parse(file)


def _mail(line: int, message: Any) -> _Mail:
    people = [
        (name.strip(), address.casefold())
        for field in ("from", "to", "cc", "reply-to")
        for name, address in getaddresses([str(value) for value in message.get_all(field, [])])
    ]
    sender = next((address for _, address in people), "")
    senders = tuple(name for name, address in people if name and address == sender)
    return _Mail(
        line,
        str(message.get("message-id", "")).strip(),
        str(message.get("in-reply-to", "")).strip(),
        sender,
        senders,
        _own_words(message),
    )


def _own_words(message: EmailMessage) -> str | None:
    try:
        import mailparser_reply
        from mailparser_reply.constants import MAIL_LANGUAGES
    except ImportError:
        raise InputError("reading mailboxes needs mail-parser-reply; run: pip install 'harness[data]'") from None
    MAIL_LANGUAGES.setdefault("id", _INDONESIAN)
    part = message.get_body(("plain",))
    if part is None:
        return None
    text = str(part.get_content())
    reply = mailparser_reply.EmailReplyParser(languages=["id", "en"]).read(text).replies[0].body
    return "\n".join(line for line in reply.split("\n") if not line.startswith(">")).strip() or None
