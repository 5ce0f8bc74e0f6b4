"""The peer of bench/step.ts: transformers + PEFT. Reads one JSON command a line, answers each with one JSON line.

  --device cpu | cuda    where it computes
  --precision f32 | tf32 | bf16    of products: tf32 lets CUDA round f32 factors to 10 bits, bf16 is autocast, the model staying f32

  {"do": "versions"}
  {"do": "prepare", "folder": F, "config": {...}, "rank": r, "targets": "all" | "language", "batch": B, "sequence": T, "threads": n}
      makes a random model, writes it and a batch to F (once; a second prepare of the same folder reads them), adds LoRA
  {"do": "run", "steps": n, "compiled": false}   -> {"milliseconds": [...], "losses": [...]}; compiled: by torch.compile
  {"do": "save_adapter", "folder": F}   random B, so that ranks matter; the adapter in PEFT's form
  {"do": "score", "candidates": [{path: rank, ...}, ...], "batch": n, "compiled": false}
      -> {"milliseconds": ..., "losses": [...]}; every candidate on the whole batch of the folder, n examples at a time, ranks as gates
  {"do": "memory"}   -> {"bytes": ..., "deviceBytes": ...}, peaks of the resident memory of this process, and of what it reserved on the GPU
  {"do": "rate"}   -> {"flopsPerSecond": ...}, of products of matrices
"""
import argparse
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
parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
parser.add_argument("--precision", default="f32", choices=["f32", "tf32", "bf16"])
options = parser.parse_args()
torch.backends.cuda.matmul.allow_tf32 = options.precision == "tf32"
torch.backends.cudnn.allow_tf32 = options.precision == "tf32"
state = {}


def autocast():
    return torch.autocast(options.device, dtype=torch.bfloat16, enabled=options.precision == "bf16")


def synchronize():
    """Times are taken when the device has done what it was told."""
    if options.device == "cuda":
        torch.cuda.synchronize()


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
    model = peft.get_peft_model(model, lora).to(options.device)
    model.train()
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    state.clear()
    state.update(
        model=model,
        trainable=trainable,
        optimizer=torch.optim.AdamW(trainable, lr=1e-3, weight_decay=0.01, fused=True),
        batch=load_file(os.path.join(folder, "inputs.safetensors"), device=options.device),
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
        synchronize()
        begun = time.perf_counter()
        state["optimizer"].zero_grad(set_to_none=True)
        with autocast():
            loss = model(**state["batch"], use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(state["trainable"], 1.0)
        state["optimizer"].step()
        losses.append(loss.item())
        synchronize()
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
        self.register_buffer("gate", torch.ones(inner.out_features, device=inner.weight.device), persistent=False)

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
    synchronize()
    begun = time.perf_counter()
    for ranks in candidates:
        for path, gate in of_module.items():
            gate.zero_()
            gate[: ranks.get(path, 0)] = 1
        total = 0.0
        for at in range(0, len(labels), batch):
            part = {name: tensor[at : at + batch] for name, tensor in state["batch"].items()}
            with autocast():
                total += model(**part, use_cache=False).loss.item() * len(part["labels"])
        losses.append(total / len(labels))
    elapsed = 1000 * (time.perf_counter() - begun)
    state["model"].train()
    return {"milliseconds": elapsed, "losses": losses}


def memory():
    reserved = torch.cuda.max_memory_reserved() if options.device == "cuda" else 0
    return {"bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, "deviceBytes": reserved}


def rate():
    """The fastest of many products, as runtime/executors/rate.ts measures ours; larger ones where a GPU is to be kept busy."""
    rows, width = (512, 1024) if options.device == "cpu" else (4096, 4096)
    x = torch.full((rows, width), 1 / width, device=options.device)
    w = torch.full((width, width), 1 / width, device=options.device)
    fastest = float("inf")
    with torch.no_grad(), autocast():
        end = time.perf_counter() + 1.5
        while time.perf_counter() < end:
            synchronize()
            begun = time.perf_counter()
            for _ in range(8):
                x = x @ w
            synchronize()
            fastest = min(fastest, time.perf_counter() - begun)
    return {"flopsPerSecond": 8 * 2 * rows * width * width / fastest}


def versions():
    device = torch.cuda.get_device_name() if options.device == "cuda" else "cpu"
    packages = {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__}
    return {**packages, "device": device, "precision": options.precision}


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
