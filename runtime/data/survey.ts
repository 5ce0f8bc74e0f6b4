/** How large the examples of a data set are, from its text alone: images are counted, not opened. */
import { join } from "node:path";
import { readJsonFile } from "../formats/json-file.js";
import { backboneArchitecture } from "../models/index.js";
import { readMessages } from "./messages.js";
import { openTokenizer } from "./tokenizer.js";

/** The most tokens and the most images that one of the first `count` examples of a file in the messages format has. */
export interface LargestExample {
  readonly tokens: number;
  readonly images: number;
}

/** Throws a `UserError` when the backbone's files or the data are missing or damaged. */
export function largestExample(backboneFolder: string, file: string, count: number): LargestExample {
  const place = join(backboneFolder, "config.json");
  const { images, vocabularySize, embeddingRows } = backboneArchitecture(readJsonFile(place), place);
  const tokenizer = openTokenizer(backboneFolder, { images, vocabularySize, embeddingRows });
  const largest = { tokens: 1, images: 0 };
  for (const conversation of readMessages(file).slice(0, count)) {
    const { inputIds } = tokenizer.encodeConversation(conversation.messages, conversation.id);
    largest.tokens = Math.max(largest.tokens, inputIds.length);
    largest.images = Math.max(largest.images, conversation.images.length);
  }
  return largest;
}

/** Number of examples of a file. Throws a `UserError` when it is missing or damaged. */
export function countExamples(file: string): number {
  return readMessages(file).length;
}
