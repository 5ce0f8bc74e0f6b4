#!/usr/bin/env python3
"""Makes test/golden/mllama: tiny random Mllama models with adapters, and what transformers and PEFT compute for them.

    python tools/golden_mllama.py        (torch 2.x, transformers 4.57.6, peft 0.21.2; the versions used are in the files' metadata)

Each case is a folder with backbone/ and adapter/ as the libraries save them, and one or more reference files. Every parameter is
random and no gate is near 0, because zeros hide mistakes.
"""
import pathlib
import shutil

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import MllamaConfig, MllamaForConditionalGeneration

from reference import load_model, random_inputs, reference, versions

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "test" / "golden" / "mllama"

VISION = dict(
    hidden_size=16, intermediate_size=24, num_hidden_layers=3, num_global_layers=2, num_attention_heads=2, num_channels=3,
    image_size=14, patch_size=7, max_num_tiles=4, intermediate_layers_indices=[0, 2], vision_output_dim=48, norm_eps=1e-5,
)
TEXT = dict(
    vocab_size=40, hidden_size=16, intermediate_size=24, num_hidden_layers=4, cross_attention_layers=[1, 3], num_attention_heads=4,
    num_key_value_heads=2, rope_theta=10000.0, rope_scaling={"rope_type": "default"}, max_position_embeddings=128, rms_norm_eps=1e-5,
    pad_token_id=0, bos_token_id=1, eos_token_id=2,
)
ROW_RATIOS = [[1, 1], [1, 2], [1, 3], [1, 4]]
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}

# Case -> vision and text settings, reference file -> (rows for random_inputs, sequence).
CASES = {
    # All aspect ratios; several images, text before an image, a plain-text row, padding; two query heads share a key head.
    "several-images": (
        VISION,
        TEXT,
        {
            "images": ([(12, [(2, 6)]), (10, [(0, 1), (5, 7)]), (7, []), (11, [(0, 3), (1, 5)])], 12),
            "plain-text": ([(9, []), (6, [])], 9),
        },
    ),
    # Frequencies rescaled over a sequence well beyond the original length; plain multi-head attention; layers of other widths.
    "llama3-rope": (
        VISION | dict(intermediate_layers_indices=[0, 1, 2], vision_output_dim=64, num_global_layers=1, norm_eps=1e-3),
        TEXT | dict(num_key_value_heads=4, rope_scaling=LLAMA3, rope_theta=500000.0, hidden_size=32, rms_norm_eps=1e-3),
        {"images": ([(40, [(1, 2)]), (33, [(4, 8)])], 40)},
    ),
    # The demo's aspect ratios; one image a row at the same place; all query heads share one key head; one channel.
    "one-row-of-tiles": (
        VISION | dict(supported_aspect_ratios=ROW_RATIOS, num_channels=1, num_attention_heads=4, patch_size=4, image_size=8),
        TEXT | dict(num_key_value_heads=1, cross_attention_layers=[0, 2], num_hidden_layers=3),
        {"images": ([(9, [(1, ratio)]) for ratio in (1, 2, 3, 4)], 9)},
    ),
}


def randomize(model):
    """Every parameter random, rounded to bfloat16 so that the small file is exact."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn_like(parameter)
            if "gate" in name and parameter.numel() == 1:
                value = noise.sign() * (0.4 + 0.5 * noise.abs())
            elif "norm" in name and name.endswith("weight"):
                value = 1 + 0.2 * noise
            else:
                value = 0.25 * noise
            parameter.copy_(value.bfloat16().float())


def make_case(name, vision, text, references):
    folder = GOLDEN / name
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(list(CASES).index(name))
    config = MllamaConfig(vision_config=dict(vision), text_config=dict(text), image_token_index=text["vocab_size"])
    model = MllamaForConditionalGeneration(config)
    randomize(model)
    model.to(torch.bfloat16).save_pretrained(folder / "backbone")
    (folder / "backbone" / "generation_config.json").unlink(missing_ok=True)
    targets = r".*\.(q_proj|k_proj|v_proj|o_proj|fc1|fc2|gate_proj|up_proj|down_proj|multi_modal_projector)"
    # init_lora_weights=False draws B too: with B = 0 the gradient of A would be 0. Scale 2 for both ranks.
    lora = LoraConfig(r=2, lora_alpha=4, target_modules=targets, init_lora_weights=False, lora_dropout=0.1,
                      rank_pattern={r"mlp\.fc1": 1}, alpha_pattern={r"mlp\.fc1": 2}, task_type="CAUSAL_LM")
    adapted = get_peft_model(model.float(), lora)
    adapted.peft_config["default"].base_model_name_or_path = ""
    adapted.save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink(missing_ok=True)
    loaded = load_model(folder / "backbone", folder / "adapter")
    for index, (file, (rows, sequence)) in enumerate(references.items()):
        tensors = reference(loaded, random_inputs(config, rows, sequence, seed=index))
        save_file(tensors, folder / f"{file}.safetensors", metadata={"format": "pt", **versions()})
        print(name, file, "loss", tensors["loss"].item(), "gradients", sum(key.startswith("grad.") for key in tensors))


if __name__ == "__main__":
    for case, (vision, text, references) in CASES.items():
        make_case(case, vision, text, references)
