#!/usr/bin/env python3
"""Writes what transformers and PEFT compute for a backbone, so that `lnasc verify` can compare lnas with it.

    python reference.py BACKBONE ref.safetensors [--adapter ADAPTER]                      inputs drawn from a seed
    python reference.py BACKBONE ref.safetensors [--adapter ADAPTER] \\
        --text "<|image|>What is this? A cat." --image cat.png [--text ... --image ...]    your own text and images
    lnasc verify BACKBONE --reference ref.safetensors [--adapter ADAPTER]

BACKBONE is a Hugging Face folder of an Mllama model (config.json, model.safetensors; with --text also its processor files), ADAPTER a
PEFT LoRA folder. Everything runs on the CPU in float32, without dropout, with eager attention.

The file holds the inputs under transformers' names (input_ids, attention_mask, labels [B, S]; pixel_values [B, M, T, C, H, W],
aspect_ratio_ids [B, M], aspect_ratio_mask [B, M, T], cross_attention_mask [B, S, M, T] unless all rows are plain text), logits [B, S, V],
loss [], and with an adapter grad.<tensor name> for every adapter tensor under the name it has on disk. Versions are in its metadata.

Needs: torch, transformers, safetensors; peft with --adapter; pillow with --image.
"""
import argparse
import sys

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoProcessor, MllamaForConditionalGeneration
from transformers.models.mllama.processing_mllama import (
    convert_sparse_cross_attention_mask_to_dense,
    get_cross_attention_token_mask,
)

IGNORED_LABEL = -100


def random_inputs(config, rows, sequence, seed):
    """Inputs drawn from a seed. `rows` holds, for every example, (number of tokens, [(position, aspect ratio id), ...] of its images)."""
    generator = torch.Generator().manual_seed(seed)
    vision, text = config.vision_config, config.text_config
    batch, images = len(rows), max(len(row_images) for _, row_images in rows)
    tiles, side = vision.max_num_tiles, vision.image_size
    input_ids = torch.randint(0, text.vocab_size, (batch, sequence), generator=generator)
    attention_mask = torch.zeros(batch, sequence, dtype=torch.long)
    labels = torch.full((batch, sequence), IGNORED_LABEL)
    pixel_values = torch.zeros(batch, images, tiles, vision.num_channels, side, side)
    aspect_ratio_ids = torch.zeros(batch, images, dtype=torch.long)
    aspect_ratio_mask = torch.zeros(batch, images, tiles, dtype=torch.long)
    aspect_ratio_mask[:, :, 0] = 1
    token_masks, tile_counts = [], []
    for row, (length, row_images) in enumerate(rows):
        counts = []
        for image, (position, ratio) in enumerate(row_images):
            input_ids[row, position] = config.image_token_index
            count = vision.supported_aspect_ratios[ratio - 1][0] * vision.supported_aspect_ratios[ratio - 1][1]
            shape = (count, vision.num_channels, side, side)
            pixel_values[row, image, :count] = torch.randn(shape, generator=generator)
            aspect_ratio_ids[row, image] = ratio
            aspect_ratio_mask[row, image, :count] = 1
            counts.append(count)
        attention_mask[row, :length] = 1
        start = max([position for position, _ in row_images], default=0) + 2
        labels[row, start:length] = input_ids[row, start:length]
        token_masks.append(get_cross_attention_token_mask(input_ids[row, :length].tolist(), config.image_token_index))
        tile_counts.append(counts)
    inputs = {"input_ids": input_ids, "attention_mask": attention_mask, "labels": labels}
    if images == 0:
        return inputs
    dense = convert_sparse_cross_attention_mask_to_dense(token_masks, tile_counts, tiles, sequence)
    return inputs | {
        "pixel_values": pixel_values,
        "aspect_ratio_ids": aspect_ratio_ids,
        "aspect_ratio_mask": aspect_ratio_mask,
        "cross_attention_mask": torch.from_numpy(dense),
    }


def default_rows(config, sequence):
    """One image after a token, two images, plain text with padding."""
    ratios = len(config.vision_config.supported_aspect_ratios)
    return [
        (sequence, [(1, min(ratios, 2))]),
        (sequence - 1, [(0, 1), (4, ratios)]),
        (sequence - 3, []),
    ]


def own_inputs(folder, config, texts, images):
    """The user's texts and images through the model's own processor; the i-th text takes as many images as it has marks."""
    from PIL import Image

    processor = AutoProcessor.from_pretrained(folder)
    mark = processor.image_token
    remaining = [Image.open(path).convert("RGB") for path in images]
    per_text = [[remaining.pop(0) for _ in range(text.count(mark))] for text in texts]
    if remaining:
        sys.exit(f"{len(remaining)} images have no {mark} in any text")
    given = per_text if any(per_text) else None
    inputs = dict(processor(images=given, text=list(texts), padding=True, return_tensors="pt"))
    ignored = (inputs["attention_mask"] == 0) | (inputs["input_ids"] == config.image_token_index)
    inputs["labels"] = inputs["input_ids"].masked_fill(ignored, IGNORED_LABEL)
    return inputs


def load_model(folder, adapter):
    """The backbone in float32, wrapped by PEFT when there is an adapter."""
    model = MllamaForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    if adapter is None:
        return model.requires_grad_(False).eval()
    from peft import PeftModel

    return PeftModel.from_pretrained(model, adapter, is_trainable=True).eval()


def reference(model, inputs):
    """The inputs with logits, loss, and the gradient of every adapter tensor that the loss depends on."""
    model.zero_grad()
    output = model(**inputs)
    tensors = {**inputs, "logits": output.logits, "loss": output.loss}
    if any(parameter.requires_grad for parameter in model.parameters()):
        output.loss.backward()
        for name, parameter in model.named_parameters():
            if parameter.grad is not None:
                tensors["grad." + name.replace(".default.", ".")] = parameter.grad
    return {name: tensor.detach().contiguous() for name, tensor in tensors.items()}


def versions():
    """The versions a reference was made with."""
    made = {"torch": torch.__version__, "transformers": transformers.__version__}
    if "peft" in sys.modules:
        made["peft"] = sys.modules["peft"].__version__
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backbone", help="folder of the backbone")
    parser.add_argument("output", help="file to write")
    parser.add_argument("--adapter", help="folder of a PEFT LoRA adapter")
    parser.add_argument("--text", action="append", default=[], help="a text with <|image|> marks; may be given several times")
    parser.add_argument("--image", action="append", default=[], help="an image file, in the order of the marks")
    parser.add_argument("--sequence", type=int, default=16, help="tokens of drawn inputs (default 16)")
    parser.add_argument("--seed", type=int, default=0, help="seed of drawn inputs (default 0)")
    arguments = parser.parse_args()
    model = load_model(arguments.backbone, arguments.adapter)
    config = model.config
    if arguments.text:
        inputs = own_inputs(arguments.backbone, config, arguments.text, arguments.image)
    else:
        inputs = random_inputs(config, default_rows(config, arguments.sequence), arguments.sequence, arguments.seed)
    tensors = reference(model, inputs)
    save_file(tensors, arguments.output, metadata={"format": "pt", **versions()})
    gradients = sum(name.startswith("grad.") for name in tensors)
    print(f"{arguments.output}: logits {list(tensors['logits'].shape)}, loss {tensors['loss'].item():.6f}, {gradients} gradients")


if __name__ == "__main__":
    main()
