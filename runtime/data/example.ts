/** Examples after tokenisation and image processing, ready to be batched. */
import type { HostTensor } from "../graph/types.js";

/** One example; every tensor as the backbone's input of that name, without the batch dimension and unpadded in the sequence. */
export interface Example {
  /** Where it came from, for messages: file and line. */
  readonly id: string;
  /** SHA-256 of the source content (messages and image bytes): proves splits disjoint, keys caches. */
  readonly contentHash: string;
  /** SHA-256 of each of its pictures alone, in order: which examples show the same one. Absent: not known. */
  readonly pictureHashes?: readonly string[];
  readonly inputIds: Int32Array;
  /** Same length; -100 where no loss is taken (PyTorch's `ignore_index`). Not shifted. */
  readonly labels: Int32Array;
  /** The backbone's image inputs (empty for text-only rows): pixel_values and friends. */
  readonly images: Readonly<Record<string, HostTensor>>;
  /** The reference answer as text. */
  readonly answer: string;
}

export type SplitName = "train" | "reward" | "validation" | "test";
