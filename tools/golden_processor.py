#!/usr/bin/env python3
"""Makes test/golden/mllama/processor: small images and conversations, and what transformers' MllamaProcessor makes of them.

    python tools/golden_processor.py        (transformers 4.57.6, pillow; the versions used are in the file's metadata)

The tokenizer is a byte-level BPE trained on a few words; the chat template is Llama 3.2 Vision's in short.
"""
import json
import pathlib
import shutil

import numpy
import PIL
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import MllamaImageProcessor, MllamaProcessor, PreTrainedTokenizerFast

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "test" / "golden" / "mllama" / "processor"
SPECIALS = ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|pad|>"]
TEMPLATE = """{{- bos_token }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' }}
    {%- if message['content'] is string %}
        {{- message['content'] | trim }}
    {%- else %}
        {%- for part in message['content'] %}
            {%- if part['type'] == 'image' %}{{- '<|image|>' }}{%- else %}{{- part['text'] | trim }}{%- endif %}
        {%- endfor %}
    {%- endif %}
    {{- '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
{%- endif %}"""

# name -> height, width, mode
IMAGES = {
    "wide": (9, 70, "RGB"),
    "tall": (90, 11, "RGB"),
    "tile": (14, 14, "RGB"),
    "large": (61, 47, "RGB"),
    "small": (5, 3, "RGB"),
    "thin": (200, 3, "RGB"),
    "transparent": (33, 26, "RGBA"),
    "grey": (25, 40, "L"),
    "palette": (20, 20, "P"),
}


def text(words):
    return {"type": "text", "text": words}


def image(name):
    return {"type": "image", "path": f"{name}.png"}


CONVERSATIONS = [
    *[[("user", [image(name), text("What is the number?")]), ("assistant", "It is 42.")] for name in IMAGES],
    [("system", "Be brief."), ("user", [text("First this:"), image("wide"), text("then"), image("tall"), text("Which?")]),
     ("assistant", "The wide one."), ("user", "Why?"), ("assistant", "It is wider.")],
    [("user", [image("tile"), image("small"), image("large"), text("Which is the number?")]), ("assistant", "None.")],
    [("user", "What is the number?"), ("assistant", "It is 7.")],
]


def make_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    corpus = ["What is the number? It is 42. Which is the wide one? The wide one is wider. assistant user system"] * 8
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=SPECIALS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(corpus, trainer)
    vocabulary = tokenizer.get_vocab_size()
    tokenizer.add_special_tokens(["<|image|>"])
    assert tokenizer.token_to_id("<|image|>") == vocabulary
    return vocabulary, PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=SPECIALS[0], eos_token=SPECIALS[3], pad_token=SPECIALS[4],
        additional_special_tokens=["<|image|>"],
    )


def make_image(height, width, mode, generator):
    rows, columns = numpy.mgrid[0:height, 0:width]
    waves = [127 + 100 * numpy.sin(rows / (3 + c) + columns / (2 + c)) + generator.normal(0, 20, (height, width)) for c in range(4)]
    pixels = numpy.clip(numpy.stack(waves, -1), 0, 255).astype(numpy.uint8)
    if mode == "RGBA":
        return Image.fromarray(pixels, "RGBA")
    rgb = Image.fromarray(pixels[..., :3], "RGB")
    return rgb.quantize(16) if mode == "P" else rgb.convert(mode)


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    generator = numpy.random.default_rng(0)
    for name, (height, width, mode) in IMAGES.items():
        make_image(height, width, mode, generator).save(FOLDER / f"{name}.png")
    vocabulary, tokenizer = make_tokenizer()
    tokenizer.save_pretrained(FOLDER)
    image_processor = MllamaImageProcessor(
        size={"height": 14, "width": 14}, image_mean=[0.48, 0.46, 0.41], image_std=[0.27, 0.26, 0.28], max_image_tiles=4,
    )
    image_processor.save_pretrained(FOLDER)
    (FOLDER / "chat_template.jinja").write_text(TEMPLATE)
    processor = MllamaProcessor(image_processor, tokenizer, chat_template=TEMPLATE)
    tensors, lines = {}, []
    for index, conversation in enumerate(CONVERSATIONS):
        messages = [{"role": role, "content": content} for role, content in conversation]
        lines.append(json.dumps({"messages": messages}))
        names = [part["path"] for _, content in conversation if isinstance(content, list) for part in content if "path" in part]
        pictures = [Image.open(FOLDER / name) for name in names]
        rendered = processor.apply_chat_template(messages)
        made = processor(images=[pictures] if pictures else None, text=rendered, add_special_tokens=False, return_tensors="pt")
        for name, value in made.items():
            tensors[f"{index}.{name}"] = torch.as_tensor(value)[0].contiguous()
    (FOLDER / "data.jsonl").write_text("\n".join(lines) + "\n")
    versions = {"transformers": transformers.__version__, "pillow": PIL.__version__, "vocabulary": str(vocabulary)}
    save_file(tensors, FOLDER / "expected.safetensors", metadata={"format": "pt", **versions})
    (FOLDER / "special_tokens_map.json").unlink(missing_ok=True)
    print(vocabulary, {name: list(value.shape) for name, value in tensors.items() if name.startswith("0.")})


if __name__ == "__main__":
    main()
