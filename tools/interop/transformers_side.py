#!/usr/bin/env python3
"""What transformers and PEFT make of a backbone folder, an adapter folder and a data file, for test/slow/interop.test.ts.

    python transformers_side.py BACKBONE ADAPTER DATA.jsonl OUT [--count 50] [--greedy 5]

Nothing of lnas is used: the images are cropped with Pillow, conversations become inputs through the folder's own processor, and the
adapter is loaded by PEFT. Writes OUT/backbone.safetensors and OUT/adapter.safetensors in the form of tools/reference.py, and
OUT/facts.json: versions, which tensors were loaded, and which answers were right.
"""
import argparse
import json
import pathlib
import sys

import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import AutoProcessor, MllamaForConditionalGeneration

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from reference import IGNORED_LABEL, load_model, reference, versions  # noqa: E402


def read_conversations(path, count):
    """The first conversations of a file with one image each: (messages, picture)."""
    conversations = []
    for line in path.read_text().splitlines()[:count]:
        messages = json.loads(line)["messages"]
        (image,) = [part for message in messages for part in message["content"] if part["type"] == "image"]
        left, top, width, height = image["crop"]
        picture = Image.open(path.parent / image["path"]).crop((left, top, left + width, top + height))
        conversations.append((messages, picture))
    return conversations


def inputs_of(processor, conversations):
    """One padded batch with labels on the answers."""
    def render(messages, prompt):
        return processor.apply_chat_template(messages, add_generation_prompt=prompt, tokenize=False)

    batch = processor(
        text=[render(messages, False) for messages, _ in conversations],
        images=[[picture] for _, picture in conversations],
        padding=True,
        return_tensors="pt",
    )
    labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, IGNORED_LABEL)
    for row, (messages, _) in enumerate(conversations):
        labels[row, : len(processor.tokenizer(render(messages[:-1], True))["input_ids"])] = IGNORED_LABEL
    return {**batch, "labels": labels}


def exact_matches(logits, labels):
    """For every row whether each answer token is the arg-max given the true tokens before it."""
    counted = labels[:, 1:] != IGNORED_LABEL
    return ((logits[:, :-1].argmax(-1) == labels[:, 1:]) | ~counted).all(-1).tolist()


def greedy_matches(model, processor, conversations):
    """For every row whether decoding step by step gives exactly the answer and the end token."""
    matches = []
    for messages, picture in conversations:
        prompt = processor.apply_chat_template(messages[:-1], add_generation_prompt=True, tokenize=False)
        inputs = processor(text=[prompt], images=[[picture]], return_tensors="pt")
        produced = model.generate(**inputs, max_new_tokens=8, do_sample=False)[0, inputs["input_ids"].shape[1] :]
        answer = "".join(part["text"] for part in messages[-1]["content"]) + processor.tokenizer.eos_token
        matches.append(processor.tokenizer.decode(produced) == answer)
    return matches


def loading_of_backbone(folder):
    """What from_pretrained could not place, and the number of tensors in the file."""
    _, info = MllamaForConditionalGeneration.from_pretrained(folder, output_loading_info=True)
    with safe_open(f"{folder}/model.safetensors", "pt") as file:
        written = len(file.keys())
    problems = ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs")
    return {"written": written, "problems": [f"{kind}: {key}" for kind in problems for key in info[kind]]}


def loading_of_adapter(model, folder):
    """How many tensors of the file are in the model with the same values, and how many adapter tensors the model has in all."""
    ours = {name.replace(".default.", "."): value for name, value in model.named_parameters() if ".lora_" in name}
    with safe_open(f"{folder}/adapter_model.safetensors", "pt") as file:
        written = {name: file.get_tensor(name) for name in file.keys()}
    loaded = [name for name, value in written.items() if name in ours and torch.equal(ours[name], value)]
    return {"written": len(written), "loaded": len(loaded), "inModel": len(ours)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for argument in ("backbone", "adapter", "data", "out"):
        parser.add_argument(argument, type=pathlib.Path)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--greedy", type=int, default=5)
    arguments = parser.parse_args()
    processor = AutoProcessor.from_pretrained(arguments.backbone)
    conversations = read_conversations(arguments.data, arguments.count)
    inputs = inputs_of(processor, conversations)
    facts = {"backboneTensors": loading_of_backbone(arguments.backbone), "models": {}}
    for name, adapter in (("backbone", None), ("adapter", arguments.adapter)):
        model = load_model(arguments.backbone, adapter)
        tensors = reference(model, inputs)
        save_file(tensors, arguments.out / f"{name}.safetensors", metadata={"format": "pt"})
        facts["models"][name] = {
            "exact": exact_matches(tensors["logits"], inputs["labels"]),
            "greedy": greedy_matches(model, processor, conversations[: arguments.greedy]),
        }
        if adapter is not None:
            facts["adapterTensors"] = loading_of_adapter(model, adapter)
    facts["versions"] = versions()
    (arguments.out / "facts.json").write_text(json.dumps(facts, indent=2))


if __name__ == "__main__":
    main()
