/** Rendered strings as the feeds of a training or evaluation graph of the tiny Mllama. */
import type { Example } from "../../runtime/data/example.js";
import type { Feeds } from "../../runtime/executors/executor.js";
import { patchify } from "../../runtime/models/patches.js";
import { answerFeeds, IGNORED_LABEL } from "../../runtime/training/loss.js";
import { MAX_DIGITS, type RenderedString, TILE } from "./render.js";

const CHANNELS = 3;
const PATCH = 14;
const PROMPT = "number:";
const CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz:? .";
const [BOS, EOT, FIRST_CHARACTER, IMAGE] = [1, 2, 3, 43];
const tokensOf = (text: string) => Array.from(text, (character) => FIRST_CHARACTER + CHARACTERS.indexOf(character));

/** `<bos><|image|>number:` + four digits + `<eot>`. */
export const SEQUENCE = 2 + PROMPT.length + MAX_DIGITS + 1;

/** The tokens of a string, as the tokenizer and chat template in the backbone's folder give them. */
export function exampleOf({ answer }: RenderedString): Example {
  const prompt = [BOS, IMAGE, ...tokensOf(PROMPT)];
  const reply = [...tokensOf(answer), EOT];
  return {
    id: answer,
    contentHash: "",
    inputIds: Int32Array.from([...prompt, ...reply]),
    labels: Int32Array.from([...prompt.map(() => IGNORED_LABEL), ...reply]),
    images: {},
    answer,
  };
}

/** Feeds for a batch of strings, all inputs of the graph included. */
export function feedsOf(strings: readonly RenderedString[]): Feeds {
  const batch = strings.length;
  const examples = strings.map(exampleOf);
  const inputIds = new Int32Array(batch * SEQUENCE);
  const attentionMask = new Float32Array(batch * SEQUENCE);
  const crossMask = new Float32Array(batch * SEQUENCE * MAX_DIGITS);
  const tileMask = new Float32Array(batch * MAX_DIGITS);
  const ratioIds = new Int32Array(batch);
  const patchValues = CHANNELS * PATCH * PATCH;
  const patches = (TILE / PATCH) ** 2;
  const pixels = new Float32Array(batch * MAX_DIGITS * patches * patchValues);
  const tile = TILE * TILE;
  strings.forEach(({ answer, tiles }, row) => {
    const ids = examples[row]!.inputIds;
    inputIds.set(ids, row * SEQUENCE);
    attentionMask.fill(1, row * SEQUENCE, row * SEQUENCE + ids.length);
    for (let position = 1; position < ids.length; position++) {
      const at = (row * SEQUENCE + position) * MAX_DIGITS;
      crossMask.fill(1, at, at + answer.length);
    }
    tileMask.fill(1, row * MAX_DIGITS, row * MAX_DIGITS + answer.length);
    ratioIds[row] = answer.length;
    const rgb = new Float32Array(MAX_DIGITS * CHANNELS * tile);
    for (let index = 0; index < MAX_DIGITS * CHANNELS; index++) {
      const from = Math.floor(index / CHANNELS) * tile;
      rgb.set(tiles.subarray(from, from + tile), index * tile);
    }
    pixels.set(patchify(rgb, CHANNELS, TILE, PATCH), row * MAX_DIGITS * patches * patchValues);
  });
  return {
    input_ids: { shape: [batch, SEQUENCE], dtype: "i32", data: inputIds },
    attention_mask: { shape: [batch, SEQUENCE], dtype: "f32", data: attentionMask },
    pixel_values: { shape: [batch, 1, MAX_DIGITS, patches, patchValues], dtype: "f32", data: pixels },
    aspect_ratio_ids: { shape: [batch, 1], dtype: "i32", data: ratioIds },
    aspect_ratio_mask: { shape: [batch, 1, MAX_DIGITS], dtype: "f32", data: tileMask },
    cross_attention_mask: { shape: [batch, SEQUENCE, 1, MAX_DIGITS], dtype: "f32", data: crossMask },
    ...answerFeeds(examples, SEQUENCE),
  };
}
