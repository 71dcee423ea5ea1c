"""Hugging Face models through lm-eval's `HFLM`: one base in memory, adapters switched on it."""

import contextlib
import logging
import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
from peft import PeftModel
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, PreTrainedModel
from transformers.utils import logging as transformers_logging

from harness.candidates.candidate import Candidate
from harness.candidates.models import prepare_model
from harness.config import Generation
from harness.engines import PROBE, Engine, Usage
from harness.engines.chat_prompts import ChatPrompts
from harness.errors import InputError, IntegrityError, error_line
from harness.scoring.completion import STOP
from harness.suite.item import Item
from harness.suite.prompts import Message


class _StopKeepingLM(HFLM):  # type: ignore[misc]
    """`HFLM` that ends a row at ``</output>`` and keeps the tag: lm-eval's own stop strings cut it off."""

    def _model_generate(
        self, context: torch.Tensor, max_length: int, stop: list[str], **generation_kwargs: Any
    ) -> torch.Tensor:
        found: torch.Tensor = self.model.generate(
            input_ids=context,
            max_length=max_length,
            stop_strings=[STOP],
            tokenizer=self.tokenizer,
            pad_token_id=self.tokenizer.pad_token_id,
            use_cache=True,
            **generation_kwargs,
        )
        return found


class HuggingFaceEngine(Engine):
    """Answers for candidates of one model and precision; adapters are loaded once each and switched."""

    def __init__(self, candidate: Candidate) -> None:
        transformers_logging.set_verbosity_error()
        transformers_logging.disable_progress_bar()
        logging.getLogger("lm_eval").setLevel(logging.ERROR)
        folder = prepare_model(str(candidate.settings.model), candidate.config)
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
            self._model = load_model(folder, candidate.generation, self._device)
        except ImportError as error:
            raise InputError(
                f"candidate {candidate.name}: quantization {candidate.generation.quantization} needs bitsandbytes "
                f"({error_line(error)}); run: pip install -c constraints.txt -e '.[train]'"
            ) from None
        except (SafetensorError, OSError, ValueError) as error:
            raise InputError(
                f"model {candidate.settings.model}: {folder} cannot be loaded: {error_line(error)}"
            ) from None
        self._peft: PeftModel | None = None
        self._lm = _StopKeepingLM(
            pretrained=self._model,
            tokenizer=self._tokenizer,
            batch_size=candidate.generation.batch_size,
            backend="causal",
            add_bos_token=False,  # the chat template writes it where the model wants one
        )
        self._candidate = candidate
        self._prompts = ChatPrompts(self._tokenizer, self._lm.max_length, candidate)

    def select(self, candidate: Candidate) -> None:
        """Load the candidate's adapter if it is new, and switch to it."""
        self._candidate = candidate
        self._prompts.select(candidate)
        if candidate.adapter is None:
            return
        name = candidate.fingerprint
        try:
            if self._peft is None:
                self._peft = PeftModel.from_pretrained(self._model, candidate.adapter, adapter_name=name).eval()
            elif name not in self._peft.peft_config:
                self._peft.load_adapter(candidate.adapter, adapter_name=name)
        except (SafetensorError, RuntimeError, ValueError, OSError) as error:
            raise InputError(
                f"candidate {candidate.name}: adapter {candidate.adapter} does not load on {candidate.settings.model}: {error_line(error)}"
            ) from None
        self._peft.set_adapter(name)

    def render(self, items: Sequence[Item], further: Sequence[Sequence[Message]] = ()) -> list[str]:
        """Prompts by the candidate's chat template, system prompt and retrieval."""
        return self._prompts.render(items, further)

    def lengths(self, prompts: Sequence[str]) -> list[int]:
        """Token counts. Raises `InputError` where a prompt leaves no room for an answer."""
        return self._prompts.lengths(prompts)

    def usage(self, prompts: Sequence[str], completions: Sequence[str]) -> list[Usage]:
        """Tokens of the texts; special tokens that end an answer are not counted."""
        read, written = (map(len, self._prompts.token_ids(texts)) for texts in (prompts, completions))
        return [Usage(*counts) for counts in zip(read, written, strict=True)]

    def answer(self, items: Sequence[Item], prompts: Sequence[str]) -> list[str]:
        """Completions; when memory runs out the batch is halved and the work goes on."""
        try:
            return self._generate(prompts)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not _out_of_memory(error) or len(prompts) == 1:
                raise
        if self._device == "cuda":
            torch.cuda.empty_cache()
        half = len(prompts) // 2
        return [*self.answer(items[:half], prompts[:half]), *self.answer(items[half:], prompts[half:])]

    def proof(self) -> dict[str, Any] | None:
        """Largest change of a logit on a fixed probe. Raises `IntegrityError` where the adapter changes nothing."""
        if self._candidate.adapter is None or self._peft is None:
            return None
        probe = self._tokenizer(PROBE, return_tensors="pt").to(self._device)
        with torch.inference_mode():
            adapted = self._model(**probe).logits
            with self._peft.disable_adapter():
                plain = self._model(**probe).logits
        change = float((adapted - plain).abs().max())
        if change == 0.0:
            raise IntegrityError(
                f"candidate {self._candidate.name}: adapter {self._candidate.adapter} changes no logit; it would measure the base model"
            )
        return {"largest_logit_change": round(change, 4)}

    def describe(self) -> dict[str, Any]:
        """Versions and device."""
        import lm_eval
        import peft
        import transformers

        return {
            "engine": "hf",
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "peft": peft.__version__,
            "lm_eval": lm_eval.__version__,
            **({"bitsandbytes": version("bitsandbytes")} if self._candidate.generation.quantization else {}),
            "device": torch.cuda.get_device_name() if self._device == "cuda" else "cpu",
        }

    def _generate(self, prompts: Sequence[str]) -> list[str]:
        settings = self._candidate.generation
        kwargs: dict[str, Any] = {"until": [], "max_gen_toks": settings.max_new_tokens, "do_sample": False}
        if settings.temperature > 0:
            torch.manual_seed(settings.seed)
            kwargs |= {"do_sample": True, "temperature": settings.temperature, "top_p": settings.top_p}
        requests = [
            Instance(request_type="generate_until", doc={}, arguments=(prompt, dict(kwargs)), idx=index)
            for index, prompt in enumerate(prompts)
        ]
        self._lm.batch_size_per_gpu = len(prompts)
        plain = self._candidate.adapter is None and self._peft is not None
        with torch.inference_mode(), self._peft.disable_adapter() if plain and self._peft else contextlib.nullcontext():
            found: list[str] = self._lm.generate_until(requests, disable_tqdm=True)
        return found


def _out_of_memory(error: BaseException) -> bool:
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return any(sign in str(error) for sign in ("out of memory", "can't allocate memory", "not enough memory"))


def load_model(folder: Path, generation: Generation, device: str) -> PreTrainedModel:
    """The weights in the precision asked for, on ``device``. Raises `ImportError` where bitsandbytes is wanted and missing."""
    dtype = getattr(torch, generation.dtype)
    if generation.quantization is None:
        plain = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, use_safetensors=True)
        return plain.to(device).eval()
    if generation.quantization == "nf4":
        kept = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype)
    else:
        kept = BitsAndBytesConfig(load_in_8bit=True)
    return AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, use_safetensors=True, quantization_config=kept, device_map={"": device}
    ).eval()
