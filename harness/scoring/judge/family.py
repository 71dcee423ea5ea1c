"""Whether two models are of one family, by their names: a judge tends to prefer what its own family wrote.

Source: Panickssery, Bowman & Feng (2024), LLM evaluators recognize and favor their own generations, arXiv:2404.13076.
"""

import re

_NOT_A_FAMILY = frozenset(
    "api awq base beta bf chat coder distill expert flash fp gguf gptq hub instruct int it large latest lite local max medium "
    "micro mini model nano open openai plus preview pro small think thinking tiny turbo ultra version".split()
)


def shared_family(one: str, other: str) -> str | None:
    """The family two model names share, else ``None``: ``deepseek-r1-0528-qwen3-8b`` and ``Qwen/Qwen2.5-7B-Instruct`` share qwen.

    Families are the words of three letters or more of the name that are no size, kind or format; who serves it does not count.
    """
    shared = sorted(_words(one) & _words(other))
    return shared[0] if shared else None


def _words(name: str) -> set[str]:
    model = name.lower().rpartition("/")[2]
    return {word for word in re.findall(r"[a-z]{3,}", model)} - _NOT_A_FAMILY
