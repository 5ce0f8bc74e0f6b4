"""The peer of bench/step.ts: transformers + PEFT on the CPU. Reads one JSON command a line, answers each with one JSON line.

  {"do": "versions"}
  {"do": "prepare", "folder": F, "config": {...}, "rank": r, "targets": "all" | "language", "batch": B, "sequence": T, "threads": n}
      makes a random model, writes it and a batch to F (once; a second prepare of the same folder reads them), adds LoRA
  {"do": "run", "steps": n, "compiled": false}   -> {"milliseconds": [...], "losses": [...]}; compiled: by torch.compile
  {"do": "save_adapter", "folder": F}   random B, so that ranks matter; the adapter in PEFT's form
  {"do": "score", "candidates": [{path: rank, ...}, ...], "batch": n, "compiled": false}
      -> {"milliseconds": ..., "losses": [...]}; every candidate on the whole batch of the folder, n examples at a time, ranks as gates
  {"do": "memory"}   -> {"bytes": ...}, the peak of the resident memory of this process
  {"do": "rate"}   -> {"flopsPerSecond": ...}, of products of f32 matrices
"""
import json
import os
import resource
import sys
import time

import peft
import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import MllamaConfig, MllamaForConditionalGeneration

transformers.logging.set_verbosity_error()
state = {}


def make_batch(config, batch, sequence):
    vision, text = config.vision_config, config.text_config
    tiles, size = vision.max_num_tiles, vision.image_size
    ids = torch.randint(3, text.vocab_size, (batch, sequence))
    ids[:, 1] = config.image_token_index
    labels = ids.clone()
    labels[:, : sequence // 2] = -100
    cross = torch.ones(batch, sequence, 1, tiles, dtype=torch.long)
    cross[:, 0] = 0
    return {
        "input_ids": ids,
        "attention_mask": torch.ones(batch, sequence, dtype=torch.long),
        "labels": labels,
        "pixel_values": torch.randn(batch, 1, tiles, 3, size, size),
        "aspect_ratio_ids": torch.full((batch, 1), 6),
        "aspect_ratio_mask": torch.ones(batch, 1, tiles, dtype=torch.long),
        "cross_attention_mask": cross,
    }


def prepare(folder, config, rank, targets, batch, sequence, threads):
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    if not os.path.exists(os.path.join(folder, "inputs.safetensors")):
        made = MllamaForConditionalGeneration(MllamaConfig(**config))
        with torch.no_grad():
            for name, parameter in made.named_parameters():
                if "gate" in name:
                    parameter.fill_(0.5)
        made.save_pretrained(folder)
        save_file(make_batch(made.config, batch, sequence), os.path.join(folder, "inputs.safetensors"))
    model = MllamaForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    modules = r".*(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj|fc1|fc2|multi_modal_projector)"
    if targets == "language":
        modules = r".*language_model.*(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
    lora = peft.LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=modules, lora_dropout=0.0)
    model = peft.get_peft_model(model, lora)
    model.train()
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    state.clear()
    state.update(
        model=model,
        trainable=trainable,
        optimizer=torch.optim.AdamW(trainable, lr=1e-3, weight_decay=0.01, fused=True),
        batch=load_file(os.path.join(folder, "inputs.safetensors")),
    )
    return {
        "parameters": sum(parameter.numel() for name, parameter in model.named_parameters() if "lora_" not in name),
        "trainable": sum(parameter.numel() for parameter in trainable),
        "modules": len(trainable) // 2,
    }


def model_of(compiled):
    """The model itself, or the same model behind torch.compile with its default settings."""
    if not compiled:
        return state["model"]
    if "compiled" not in state:
        torch._dynamo.reset()
        state["compiled"] = torch.compile(state["model"])
    return state["compiled"]


def run(steps, compiled=False):
    model = model_of(compiled)
    times, losses = [], []
    for _ in range(steps):
        begun = time.perf_counter()
        state["optimizer"].zero_grad(set_to_none=True)
        loss = model(**state["batch"], use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(state["trainable"], 1.0)
        state["optimizer"].step()
        losses.append(loss.item())
        times.append(1000 * (time.perf_counter() - begun))
    return {"milliseconds": times, "losses": losses}


def save_adapter(folder):
    torch.manual_seed(1)
    with torch.no_grad():
        for name, parameter in state["model"].named_parameters():
            if "lora_B" in name:
                parameter.normal_(0, 0.02)
    state["model"].save_pretrained(folder)
    return {}


class Gated(torch.nn.Module):
    """A of a LoRA whose rank components are switched on and off."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.register_buffer("gate", torch.ones(inner.out_features), persistent=False)

    @property
    def weight(self):
        return self.inner.weight

    def forward(self, x):
        return self.inner(x) * self.gate


def gates():
    """Path of each adapted module -> its gate; puts the gates in when first asked."""
    if "gates" not in state:
        state["gates"] = {}
        for name, module in list(state["model"].named_modules()):
            if not isinstance(module, peft.tuners.lora.LoraLayer):
                continue
            module.lora_A["default"] = Gated(module.lora_A["default"])
            path = name.removeprefix("base_model.model.")
            state["gates"][path] = module.lora_A["default"].gate
    return state["gates"]


@torch.no_grad()
def score(candidates, batch, compiled=False):
    of_module = gates()
    state["model"].eval()
    model = model_of(compiled)
    labels = state["batch"]["labels"]
    losses = []
    begun = time.perf_counter()
    for ranks in candidates:
        for path, gate in of_module.items():
            gate.zero_()
            gate[: ranks.get(path, 0)] = 1
        total = 0.0
        for at in range(0, len(labels), batch):
            part = {name: tensor[at : at + batch] for name, tensor in state["batch"].items()}
            total += model(**part, use_cache=False).loss.item() * len(part["labels"])
        losses.append(total / len(labels))
    elapsed = 1000 * (time.perf_counter() - begun)
    state["model"].train()
    return {"milliseconds": elapsed, "losses": losses}


def memory():
    return {"bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def rate():
    """The fastest of many products, as runtime/executors/rate.ts measures ours."""
    x, w = torch.full((512, 1024), 1 / 1024), torch.full((1024, 1024), 1 / 1024)
    fastest = float("inf")
    with torch.no_grad():
        end = time.perf_counter() + 1.5
        while time.perf_counter() < end:
            begun = time.perf_counter()
            for _ in range(8):
                x = x @ w
            fastest = min(fastest, time.perf_counter() - begun)
    return {"flopsPerSecond": 8 * 2 * 512 * 1024 * 1024 / fastest}


def versions():
    return {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__}


commands = {
    "versions": versions,
    "prepare": prepare,
    "run": run,
    "save_adapter": save_adapter,
    "score": score,
    "memory": memory,
    "rate": rate,
}
for line in sys.stdin:
    command = json.loads(line)
    answer = commands[command.pop("do")](**command)
    print(json.dumps(answer), flush=True)
