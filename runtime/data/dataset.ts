/** A file in the `messages` format as examples ready to be batched. */
import { createHash, type Hash } from "node:crypto";
import { UserError } from "../formats/errors.js";
import type { BackboneArchitecture } from "../models/backbone.js";
import type { Example } from "./example.js";
import { ImageLoader, type RgbImage } from "./images.js";
import { type Conversation, readMessages } from "./messages.js";
import { type ImageProcessor, openMllamaProcessor } from "./mllama-processor.js";
import { type ConversationTokenizer, openTokenizer } from "./tokenizer.js";

/** How a family's images become inputs; a new family with images is one more row. */
const IMAGE_PROCESSORS: Readonly<Record<string, typeof openMllamaProcessor>> = { mllama: openMllamaProcessor };

/** A backbone as far as data needs it: its weights are not read. */
export type BackboneFolder = BackboneArchitecture & { readonly folder: string };

/** The tokenizer and image processor of a backbone. */
export interface ExampleReader {
  readonly tokenizer: ConversationTokenizer;
  /**
   * Reads every conversation of a file. Throws a `UserError` that names file and line when a line, an image or a chat template is
   * wrong, when the text has other image tokens than images, or when it has more tokens than the model has positions.
   */
  readMessages(file: string): Promise<readonly Example[]>;
}

/** Opens what turns messages into examples for a backbone. Throws a `UserError` when tokenizer or processor files do not fit it. */
export function openExampleReader(backbone: BackboneFolder): ExampleReader {
  const tokenizer = openTokenizer(backbone.folder, backbone);
  const openProcessor = IMAGE_PROCESSORS[backbone.description.family];
  const processor =
    backbone.images === null || openProcessor === undefined
      ? undefined
      : openProcessor(backbone.folder, backbone.images);
  return {
    tokenizer,
    readMessages: async (file) => {
      const images = new ImageLoader();
      const examples: Example[] = [];
      // One after the other: sheets are decoded once anyway, and memory holds one decoded picture at a time.
      for (const conversation of readMessages(file))
        examples.push(await readExample(conversation, backbone, tokenizer, processor, images));
      return examples;
    },
  };
}

async function readExample(
  { id, messages, images }: Conversation,
  backbone: BackboneFolder,
  tokenizer: ConversationTokenizer,
  processor: ImageProcessor | undefined,
  loader: ImageLoader,
): Promise<Example> {
  const fail = (problem: string, remedy: string): never => {
    throw new UserError(problem, { place: id, remedy });
  };
  const pictures: RgbImage[] = [];
  for (const image of images) pictures.push(await loader.load(image, id));
  const { inputIds, labels } = tokenizer.encodeConversation(messages, id);
  if (labels.every((label) => label < 0)) fail("the answer is empty", "Give the assistant something to say.");
  if (pictures.length > 0 && processor === undefined)
    fail("the backbone takes no images", "Use a vision-language backbone.");
  if (inputIds.length > backbone.maxPositions)
    fail(`${inputIds.length} tokens; the backbone has ${backbone.maxPositions} positions`, "Shorten the conversation.");
  const imageToken = backbone.images?.imageToken;
  const marks = inputIds.reduce((count, token) => count + (token === imageToken ? 1 : 0), 0);
  if (marks !== images.length)
    fail(
      `the chat template made ${marks} image tokens (id ${String(imageToken)}) of ${images.length} images`,
      "Use the chat template that belongs to the backbone.",
    );
  const answer = messages
    .at(-1)!
    .content.map((part) => (part.type === "text" ? part.text : ""))
    .join("");
  return {
    id,
    contentHash: contentHash(messages, pictures),
    pictureHashes: pictures.map(pictureHash),
    inputIds,
    labels,
    images: processor?.process(pictures, inputIds) ?? {},
    answer,
  };
}

/** SHA-256 of the messages and the decoded pixels: the same picture in another file or at another place of a sheet is the same. */
function contentHash(messages: Conversation["messages"], images: readonly RgbImage[]): string {
  const hash = createHash("sha256").update(JSON.stringify(messages));
  for (const image of images) addPicture(hash, image);
  return hash.digest("hex");
}

/** SHA-256 of one picture's decoded pixels. */
const pictureHash = (image: RgbImage): string => addPicture(createHash("sha256"), image).digest("hex");

const addPicture = (hash: Hash, { width, height, data }: RgbImage): Hash =>
  hash.update(`\n${width}x${height}\n`).update(data);
