/** How many positions an example has in each part of a backbone, from the text of a data set alone: images are counted, not opened. */

import { join } from "node:path";
import { readJsonFile } from "../formats/json-file.js";
import { backboneArchitecture } from "../models/index.js";
import { readMessages } from "./messages.js";
import { openTokenizer } from "./tokenizer.js";

/** The part whose positions are tokens; in all others they come of images. */
const TEXT_PART = "language";

/**
 * Part -> positions of the largest of the first `count` examples of a file in the messages format, in a batch padded to it. Every image
 * counts as one of the largest size.
 * Throws a `UserError` when the backbone's files or the data are missing or damaged.
 */
export function positionsPerExample(
  backboneFolder: string,
  file: string,
  count: number,
): Readonly<Record<string, number>> {
  const place = join(backboneFolder, "config.json");
  const { description, images, vocabularySize, embeddingRows } = backboneArchitecture(readJsonFile(place), place);
  const tokenizer = openTokenizer(backboneFolder, { images, vocabularySize, embeddingRows });
  let [tokens, imageCount] = [1, 0];
  for (const conversation of readMessages(file).slice(0, count)) {
    tokens = Math.max(tokens, tokenizer.encodeConversation(conversation.messages, conversation.id).inputIds.length);
    imageCount = Math.max(imageCount, conversation.images.length);
  }
  const { positionsPerImage } = description.work;
  return Object.fromEntries(
    description.parts.map(({ name }) => [
      name,
      // An image's token is among the tokens already.
      name === TEXT_PART
        ? tokens + imageCount * ((positionsPerImage[name] ?? 1) - 1)
        : imageCount * (positionsPerImage[name] ?? 0),
    ]),
  );
}
