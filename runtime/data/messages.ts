/**
 * The `messages` data format: JSON lines, one conversation a line. Two spellings of images are read, the ones most tools write:
 *
 *   {"messages": [{"role": "user", "content": [{"type": "image", "path": "a.png"}, {"type": "text", "text": "What is it?"}]}, …]}
 *   {"messages": [{"role": "user", "content": "<image>What is it?"}, …], "images": ["a.png"]}
 *
 * An image may be part of a larger one: `{"type": "image", "path": "sheet.png", "crop": [x, y, width, height]}`.
 */
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { UserError } from "../formats/errors.js";
import { asRecord } from "../formats/json-file.js";
import { readTextFile } from "../formats/text-file.js";

/** A rectangle of an image in pixels, from its top left corner. */
export type Crop = readonly [x: number, y: number, width: number, height: number];

export interface ImageReference {
  /** Absolute. */
  readonly path: string;
  readonly crop?: Crop;
}

export type ContentPart = { readonly type: "text"; readonly text: string } | { readonly type: "image" };

const ROLES = ["system", "user", "assistant"] as const;
export type Role = (typeof ROLES)[number];

export interface Message {
  readonly role: Role;
  readonly content: readonly ContentPart[];
}

/** One line of a file. Images are in the order of their marks in the messages. */
export interface Conversation {
  /** `file:line`, for messages. */
  readonly id: string;
  readonly messages: readonly Message[];
  readonly images: readonly ImageReference[];
}

/** Where an image stands in a content that is a plain string. */
const MARK = "<image>";

/**
 * Reads a file. Paths of images are relative to its folder and must stay within it, so that a data set can be moved as a whole and a
 * foreign one reads no other files.
 * Throws a `UserError` that names file and line: unreadable file, bad JSON, unknown roles or parts, no answer at the end, images and
 * marks that do not match, paths that leave the folder.
 */
export function readMessages(file: string): readonly Conversation[] {
  const text = readTextFile(file, "Check the path; paths in a spec are relative to the spec.");
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const conversations = lines.flatMap((line, index) =>
    line.trim() === "" ? [] : [new LineReader(`${file}:${index + 1}`, dirname(file)).conversation(line)],
  );
  if (conversations.length === 0)
    throw new UserError("the file has no examples", { place: file, remedy: "Write one JSON object a line." });
  return conversations;
}

class LineReader {
  readonly #id: string;
  readonly #folder: string;
  /** Images given by the row's `images`, taken by marks in order. */
  #listed: ImageReference[] = [];
  readonly #images: ImageReference[] = [];
  #marks = 0;

  constructor(id: string, folder: string) {
    this.#id = id;
    this.#folder = folder;
  }

  #fail(problem: string, remedy: string, cause?: unknown): never {
    throw new UserError(problem, { place: this.#id, remedy, cause });
  }

  conversation(line: string): Conversation {
    let row: Readonly<Record<string, unknown>> | undefined;
    try {
      row = asRecord(JSON.parse(line));
    } catch (error) {
      this.#fail(`not valid JSON: ${(error as Error).message}`, "Write one JSON object a line.", error);
    }
    if (row === undefined || !Array.isArray(row.messages) || row.messages.length === 0)
      this.#fail('there is no list "messages"', 'Write {"messages": [{"role": …, "content": …}, …]}.');
    const listed = row.images ?? [];
    if (!Array.isArray(listed)) this.#fail('"images" is not a list', "Give a list of paths.");
    this.#listed = listed.map((item) =>
      typeof item === "string" ? this.#reference(item, undefined) : this.#fromPart(item),
    );
    const listedCount = this.#listed.length;
    const messages = (row.messages as unknown[]).map((message) => this.#message(message));
    if (this.#listed.length > 0 || this.#marks !== this.#images.length)
      this.#fail(
        `${this.#marks} image marks but ${listedCount} images`,
        `Give one ${MARK} (or one {"type": "image"} part) for every image.`,
      );
    if (messages.at(-1)?.role !== "assistant")
      this.#fail("the last message is not the assistant's", "End every conversation with the answer to learn.");
    return { id: this.#id, messages, images: this.#images };
  }

  #message(value: unknown): Message {
    const { role, content } = asRecord(value) ?? {};
    if (!ROLES.includes(role as Role))
      this.#fail(`the role ${JSON.stringify(role)} is not known`, `Use one of: ${ROLES.join(", ")}.`);
    if (typeof content === "string") return { role: role as Role, content: this.#plain(content) };
    if (!Array.isArray(content)) this.#fail("a message has no content", "Give a string or a list of parts.");
    return { role: role as Role, content: content.map((part) => this.#part(part)) };
  }

  /** A string with marks, as parts. */
  #plain(text: string): readonly ContentPart[] {
    return text.split(MARK).flatMap((piece, index): ContentPart[] => {
      const parts: ContentPart[] = piece === "" ? [] : [{ type: "text", text: piece }];
      if (index === 0) return parts;
      this.#mark(undefined);
      return [{ type: "image" }, ...parts];
    });
  }

  #part(value: unknown): ContentPart {
    const part = asRecord(value) ?? {};
    if (part.type === "text" && typeof part.text === "string") return { type: "text", text: part.text };
    if (part.type !== "image")
      this.#fail(
        `a content part of type ${JSON.stringify(part.type)} is not supported`,
        'Use {"type": "text", "text": …} and {"type": "image", "path": …}.',
      );
    const named = ["path", "image", "url", "base64"].some((field) => part[field] !== undefined);
    this.#mark(named ? this.#fromPart(part) : undefined);
    return { type: "image" };
  }

  /** Counts a mark and gives it its image: the one it names, or the next of the row's list. */
  #mark(own: ImageReference | undefined): void {
    this.#marks++;
    const image = own ?? this.#listed.shift();
    if (image !== undefined) this.#images.push(image);
  }

  #fromPart(value: unknown): ImageReference {
    const part = asRecord(value) ?? {};
    const path = part.path ?? part.image ?? part.url;
    if (typeof path !== "string")
      this.#fail("an image has no path", 'Save the image as a file and give {"type": "image", "path": …}.');
    return this.#reference(path, part.crop);
  }

  #reference(path: string, crop: unknown): ImageReference {
    if (/^[a-z][a-z0-9+.-]+:/i.test(path))
      this.#fail(`${path.slice(0, 60)} is not a path`, "Download images first, and give paths relative to this file.");
    const absolute = resolve(this.#folder, path);
    const inside = relative(this.#folder, absolute);
    if (isAbsolute(path) || isAbsolute(inside) || inside === ".." || inside.startsWith(`..${sep}`))
      this.#fail(`the image ${path} lies outside of the data's folder`, "Put images beside this file or below it.");
    if (crop === undefined || crop === null) return { path: absolute };
    const numbers = Array.isArray(crop) ? (crop as unknown[]) : [];
    if (numbers.length !== 4 || !numbers.every((n, i) => Number.isSafeInteger(n) && (n as number) >= (i < 2 ? 0 : 1)))
      this.#fail("crop is not [x, y, width, height] in whole pixels", "Give four numbers, width and height above 0.");
    return { path: absolute, crop: numbers as unknown as Crop };
  }
}
