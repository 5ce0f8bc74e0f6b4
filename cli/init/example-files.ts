/** What new projects take from the handwriting example: its backbone, and parts of its data. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HANDWRITING_FOLDER } from "../installation.js";
import type { ProjectFiles } from "./project-files.js";

/** Examples of each split in a first experiment: what a search of a minute can use. */
export const EXAMPLES = { train: 512, reward: 512, validation: 128, test: 256 } as const;
/** Examples of each split that show the format. */
const SHOWN = 2;

type Crop = readonly [left: number, top: number, width: number, height: number];
interface Part {
  readonly type: string;
  readonly path?: string;
  readonly crop?: Crop;
}
interface Row {
  readonly messages: readonly { readonly role: string; readonly content: readonly Part[] }[];
}

/** The backbone and the first examples of each split, each split's sheet of pictures cut to what they show. */
export async function exampleProject(): Promise<ProjectFiles> {
  const files = new Map<string, string | Uint8Array>();
  for (const name of readdirSync(join(HANDWRITING_FOLDER, "backbone")))
    files.set(`backbone/${name}`, readFileSync(join(HANDWRITING_FOLDER, "backbone", name)));
  for (const [split, count] of Object.entries(EXAMPLES)) {
    const rows = firstRows(split, count);
    const size = (edge: 0 | 1) => Math.max(...rows.map(({ crop }) => crop[edge] + crop[edge + 2]!));
    files.set(`data/${split}.jsonl`, rows.map(({ line }) => `${line}\n`).join(""));
    files.set(`data/${split}.png`, await cut(split, [0, 0, size(0), size(1)]));
  }
  return files;
}

/** Two examples of each split, every picture a file of its own. */
export async function sampleData(): Promise<ProjectFiles> {
  const files = new Map<string, string | Uint8Array>();
  for (const split of Object.keys(EXAMPLES)) {
    const lines: string[] = [];
    for (const [index, { answer, crop }] of firstRows(split, SHOWN).entries()) {
      const path = `images/${split}-${index + 1}.png`;
      files.set(`data/${path}`, await cut(split, crop));
      const question = [
        { type: "image", path },
        { type: "text", text: "Which number is this?" },
      ];
      const messages = [
        { role: "user", content: question },
        { role: "assistant", content: answer },
      ];
      lines.push(`${JSON.stringify({ messages })}\n`);
    }
    files.set(`data/${split}.jsonl`, lines.join(""));
  }
  return files;
}

/** The first lines of a split: as they are, with the place of their picture and their answer. */
function firstRows(split: string, count: number) {
  const lines = readFileSync(join(HANDWRITING_FOLDER, "data", `${split}.jsonl`), "utf8")
    .split("\n")
    .slice(0, count);
  return lines.map((line) => {
    const { messages } = JSON.parse(line) as Row;
    const crop = messages.flatMap(({ content }) => content).find(({ type }) => type === "image")!.crop!;
    const answer = (messages.at(-1)!.content as readonly { readonly text?: string }[])[0]!.text!;
    return { line, crop, answer };
  });
}

/** A rectangle of a split's sheet, as PNG. */
async function cut(split: string, [left, top, width, height]: Crop): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  const sheet = sharp(join(HANDWRITING_FOLDER, "data", `${split}.png`));
  return sheet.extract({ left, top, width, height }).png({ compressionLevel: 9 }).toBuffer();
}
