/** Text to token ids with the backbone's own tokenizer, and conversations to ids with labels on the assistant's turns. */
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { UserError } from "../formats/errors.js";
import { asRecord, readJsonFile } from "../formats/json-file.js";
import type { BackboneArchitecture } from "../models/backbone.js";
import { openChatTemplate } from "./chat-template.js";
import type { Message } from "./messages.js";

export interface EncodedConversation {
  readonly inputIds: Int32Array;
  /** The ids of the assistant's turns (end of turn included), -100 elsewhere; not shifted. */
  readonly labels: Int32Array;
}

export interface ConversationTokenizer {
  encode(text: string): Int32Array;
  /** Without special tokens. */
  decode(ids: ArrayLike<number>): string;
  /** Throws a `UserError` at `place` when the chat template fails, or an id of an answer is beyond the model's vocabulary. */
  encodeConversation(messages: readonly Message[], place: string): EncodedConversation;
}

const IGNORED_LABEL = -100;

/**
 * Opens `tokenizer.json`, `tokenizer_config.json` and the chat template of a backbone folder.
 * Throws a `UserError` when one is missing or damaged, or when the tokenizer does not belong to the model: tokens beyond the model's
 * embedding, or no token with the id of the model's image mark.
 */
export function openTokenizer(
  folder: string,
  model: Pick<BackboneArchitecture, "vocabularySize" | "embeddingRows" | "images">,
): ConversationTokenizer {
  const file = join(folder, "tokenizer.json");
  const configFile = join(folder, "tokenizer_config.json");
  const json = asRecord(readJsonFile(file));
  const config = asRecord(readJsonFile(configFile));
  if (json === undefined || config === undefined)
    throw new UserError("not a tokenizer", { place: json === undefined ? file : configFile, remedy: DOWNLOAD });
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(json, config);
  } catch (cause) {
    throw new UserError(`the tokenizer cannot be read: ${(cause as Error).message}`, {
      place: file,
      remedy: DOWNLOAD,
      cause,
    });
  }
  checkVocabulary(tokenizer, file, model);
  const render = openChatTemplate(folder, config);
  const encode = (text: string): readonly number[] => tokenizer.encode(text, { add_special_tokens: false }).ids;

  return {
    encode: (text) => Int32Array.from(encode(text)),
    decode: (ids) => tokenizer.decode(Array.from(ids), { skip_special_tokens: true }),
    encodeConversation: (messages, place) => {
      const encoded = (count: number, prompt: boolean) => encode(render(messages.slice(0, count), prompt, place));
      const ids = encoded(messages.length, false);
      const labels = new Int32Array(ids.length).fill(IGNORED_LABEL);
      messages.forEach(({ role }, turn) => {
        if (role !== "assistant") return;
        const start = commonPrefix(ids, encoded(turn, true));
        const isLast = turn === messages.length - 1;
        const end = isLast ? ids.length : commonPrefix(ids, encoded(turn + 1, false));
        for (let i = start; i < end; i++) labels[i] = ids[i]!;
      });
      const beyond = labels.find((label) => label >= model.vocabularySize);
      if (beyond !== undefined)
        throw new UserError(`an answer has token ${beyond}, which the model cannot predict`, {
          place,
          remedy: "Remove special tokens such as image marks from the assistant's messages.",
        });
      return { inputIds: Int32Array.from(ids), labels };
    },
  };
}

const DOWNLOAD = "Use the tokenizer files that belong to the backbone, unchanged.";

function checkVocabulary(
  tokenizer: Tokenizer,
  file: string,
  { embeddingRows, images }: Pick<BackboneArchitecture, "embeddingRows" | "images">,
): void {
  let largest = -1;
  let token = "";
  for (const [name, id] of tokenizer.get_vocab(true)) if (id > largest) [largest, token] = [id, name];
  if (largest >= embeddingRows)
    throw new UserError(
      `the tokenizer does not belong to the model: token ${JSON.stringify(token)} has id ${largest}, the model has ${embeddingRows} embeddings`,
      { place: file, remedy: DOWNLOAD },
    );
  if (images !== null && tokenizer.id_to_token(images.imageToken) === undefined)
    throw new UserError(
      `the tokenizer does not belong to the model: there is no token with id ${images.imageToken}, the model's image mark`,
      { place: file, remedy: DOWNLOAD },
    );
}

/** How many ids two sequences share at the front. A token that grew across the border of two turns counts to the later one. */
function commonPrefix(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
