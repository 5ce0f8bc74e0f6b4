#!/usr/bin/env python3
"""Makes test/golden/models and test/golden/model-variants.json: what transformers says of the models whose configs are in stdlib/, and of
configs that leave out much or ask for something else, for the test of their descriptions.

    python tools/golden_families.py        (torch 2.x, pillow, transformers 4.57.6; the versions used are in the files)

For each model, built from its stdlib/*.json on the meta device, so that nothing is downloaded and no memory is needed:
  total, parameters   every parameter with its shape, tied ones once; layers that are alike stand in one entry, "layers.[0..29]"
  linear              every torch.nn.Linear as [inputs, outputs]
  image               positions by part of a square image of the largest size, made by transformers' processor under the published limits
and for a small model of the same family, run on the CPU:
  config, tokens, positions, flops, useless   its config.json, the length of the text, the positions of its image by part, the FLOPs of
                      the matrix products of a forward pass, and the linear modules that get no gradient
"""
import copy
import json
import pathlib
import re

import torch
import transformers
from torch.utils.flop_counter import FlopCounterMode
from transformers import CONFIG_MAPPING, AutoModelForImageTextToText
from transformers.models.idefics3.image_processing_idefics3 import Idefics3ImageProcessor
from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
GOLDEN = REPOSITORY / "test" / "golden" / "models"
LAYER = re.compile(r"\.(layers|blocks)\.(\d+)\.")

TEXT = dict(hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2, vocab_size=50)
TOKENS_BESIDE_IMAGE = 7


def model_of(config):
    """The model of a parsed config.json, as `from_pretrained` would build it."""
    settings = copy.deepcopy(config)
    model_type = settings.pop("model_type")
    built = CONFIG_MAPPING[model_type].from_dict(settings)
    model = AutoModelForImageTextToText.from_config(built, attn_implementation="eager")
    model.tie_weights()
    return model


def ranges(numbers):
    """Ascending numbers as "0..2, 4..7"."""
    runs = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{first}..{last}" for first, last in runs)


def by_layer(entries):
    """Entries of name -> value; those of layers that have the same value become one entry, with the layers' numbers as "[0..2, 4..7]"."""
    layers = {}
    for name, value in entries.items():
        found = LAYER.search(name)
        key = LAYER.sub(r".\1.#.", name, count=1) if found else name
        layers.setdefault((key, json.dumps(value)), []).append(int(found[2]) if found else None)
    compact = {}
    for (key, value), numbers in layers.items():
        compact[key.replace("#", f"[{ranges(numbers)}]") if "#" in key else key] = json.loads(value)
    return compact


def linear_of(model):
    return {name: module for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}


def described(config):
    with torch.device("meta"):
        model = model_of(config)
    return {
        "total": model.num_parameters(),
        "parameters": by_layer({name: list(parameter.shape) for name, parameter in model.named_parameters()}),
        "linear": by_layer({name: [linear.in_features, linear.out_features] for name, linear in linear_of(model).items()}),
    }


def square(side):
    """A square image, channels first."""
    return [torch.zeros(3, side, side, dtype=torch.uint8).numpy()]


def idefics3(config):
    vision = config["vision_config"]
    side = vision["image_size"]
    # size and max_image_size of the published preprocessor_config.json: 2048 and 512.
    processor = Idefics3ImageProcessor(size={"longest_edge": 2048}, max_image_size={"longest_edge": 512})
    tiles = processor(square(2048), return_tensors="np")["pixel_values"].shape[1]
    patches = (side // vision["patch_size"]) ** 2
    features = patches // config["scale_factor"] ** 2
    small = {
        **config,
        "vision_config": {**vision, "hidden_size": 16, "intermediate_size": 36, "num_hidden_layers": 2, "num_attention_heads": 2,
                          "image_size": 64},
        "text_config": {**config["text_config"], **TEXT, "head_dim": 10},
        "image_token_id": 3,
    }
    small_positions = {"vision": tiles * 16, "tile": 16, "projector": tiles, "language": tiles}
    inputs = {"pixel_values": torch.randn(1, tiles, 3, 64, 64)}
    image = {"vision": tiles * patches, "tile": patches, "projector": tiles * features, "language": tiles * features}
    return image, small, small_positions, inputs


def llava(config):
    vision = config["vision_config"]
    patches = (vision["image_size"] // vision["patch_size"]) ** 2
    small = {
        **config,
        "vision_config": {**vision, "hidden_size": 16, "intermediate_size": 36, "num_hidden_layers": 3, "num_attention_heads": 2,
                          "image_size": 70},
        "text_config": {**config["text_config"], **TEXT},
        "image_token_index": 3,
    }
    inputs = {"pixel_values": torch.randn(1, 3, 70, 70)}
    return (
        {"vision": patches + 1, "projector": patches, "language": patches},
        small,
        {"vision": 26, "projector": 25, "language": 25},
        inputs,
    )


def qwen2_vl(config):
    # max_pixels of the published preprocessor_config.json; a square of just so many pixels.
    processor = Qwen2VLImageProcessor(min_pixels=3136, max_pixels=12845056)
    patches = int(processor(square(3584))["image_grid_thw"].prod())
    small = {
        **config,
        **TEXT,
        "rope_scaling": {"type": "mrope", "mrope_section": [1, 1, 1]},
        "vision_config": {**config["vision_config"], "depth": 2, "embed_dim": 16, "num_heads": 2, "hidden_size": TEXT["hidden_size"]},
        "image_token_id": 3,
        "vision_start_token_id": 4,
        "video_token_id": 5,
    }
    inputs = {"pixel_values": torch.randn(6 * 4, 3 * 2 * 14 * 14), "image_grid_thw": torch.tensor([[1, 6, 4]])}
    return (
        {"vision": patches, "projector": patches // 4, "language": patches // 4},
        small,
        {"vision": 24, "projector": 6, "language": 6},
        inputs,
    )


def computed(config, positions, inputs):
    """A forward and a backward pass of a small model with one image."""
    torch.manual_seed(0)
    model = model_of(config)
    image_token = 3
    input_ids = torch.full((1, TOKENS_BESIDE_IMAGE + positions["language"]), 6)
    input_ids[0, 1] = 4
    input_ids[0, 2 : 2 + positions["language"]] = image_token
    with FlopCounterMode(display=False) as counter:
        logits = model(input_ids=input_ids, attention_mask=torch.ones_like(input_ids), **inputs).logits
    logits.square().sum().backward()
    useless = [name for name, linear in linear_of(model).items() if linear.weight.grad is None]
    counts = {name: sum(ops.values()) for name, ops in counter.get_flop_counts().items()}
    # Rotary frequencies are made by a product; and what nothing is made of need not be computed.
    uncounted = {name for name in counts if name.endswith("rotary_emb")}
    uncounted |= {name for name in counts for module in useless if name.endswith("." + LAYER_OF.search(module)[0])}
    return {
        "config": config,
        "tokens": input_ids.shape[1],
        "positions": positions,
        "flops": counts["Global"] - sum(counts[name] for name in uncounted),
        "useless": useless,
    }


# Configs of defaults alone, and with settings that the published models do not have.
VARIANTS = {
    # By default the pad token lies beyond the vocabulary, and two patches a side are made one where there are seven.
    "idefics3 by default": {"model_type": "idefics3", "pad_token_id": 0, "scale_factor": 7},
    "smolvlm, tied, with biases": {
        "model_type": "smolvlm",
        "scale_factor": 7,
        "text_config": {**TEXT, "tie_word_embeddings": True, "attention_bias": True, "mlp_bias": True},
    },
    "llava by default": {"model_type": "llava"},
    "llava with CLIP by default": {"model_type": "llava", "vision_config": {}, "text_config": TEXT},
    "llava of several layers": {
        "model_type": "llava",
        "vision_feature_layer": [5, -4],
        "vision_feature_select_strategy": "full",
        "multimodal_projector_bias": False,
        "text_config": {**TEXT, "tie_word_embeddings": True},
    },
    "qwen2_vl by default": {"model_type": "qwen2_vl", "vision_config": {"hidden_size": 8192}},
    "qwen2_vl with a text section": {
        "model_type": "qwen2_vl",
        "hidden_size": 999,
        "text_config": {**TEXT, "tie_word_embeddings": True},
        "vision_config": {"hidden_size": TEXT["hidden_size"], "embed_dim": 18, "num_heads": 3, "mlp_ratio": 2.5, "depth": 1},
    },
}
LAYER_OF = re.compile(r".*\.layers\.\d+")
FAMILIES = {"idefics3": idefics3, "llava": llava, "qwen2_vl": qwen2_vl}


def compact_json(value):
    """JSON with an entry a line, whatever is inside of it."""
    lines = []
    for key, entry in value.items():
        if isinstance(entry, dict):
            inner = ",\n".join(f"    {json.dumps(name)}: {json.dumps(item)}" for name, item in entry.items())
            lines.append(f"  {json.dumps(key)}: {{\n{inner}\n  }}")
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(entry)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for file in sorted((REPOSITORY / "stdlib").glob("*.json")):
        config = json.loads(file.read_text())
        family = FAMILIES.get(config["model_type"])
        result = {"versions": {"torch": torch.__version__, "transformers": transformers.__version__}, **described(config)}
        if family is not None:
            image, small, positions, inputs = family(config)
            result |= {"image": image, "small": computed(small, positions, inputs)}
        (GOLDEN / file.name).write_text(compact_json(result))
        print(f"{file.name}: {result['total']:,} parameters, {len(result['linear'])} entries of linear modules")
    variants = {name: {"config": config, **described(config)} for name, config in VARIANTS.items()}
    (GOLDEN.parent / "model-variants.json").write_text(compact_json(variants))
    for name, variant in variants.items():
        print(f"{name}: {variant['total']:,} parameters")


if __name__ == "__main__":
    main()
