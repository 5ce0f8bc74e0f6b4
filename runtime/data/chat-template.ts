/** Chat templates: conversations as the text a model was trained on. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Template } from "@huggingface/jinja";
import { UserError } from "../formats/errors.js";
import { asRecord, readJsonFile } from "../formats/json-file.js";
import type { Message } from "./messages.js";

/**
 * Renders messages; with `prompt`, up to where the assistant's next turn begins. Throws a `UserError` at `place` when the template
 * refuses them.
 */
export type ChatTemplate = (messages: readonly Message[], prompt: boolean, place: string) => string;

/**
 * The date that Llama's templates print. They ask for today's where they can, which would make the same data differ from day to day;
 * this is the date they fall back to.
 */
const DATE = "26 Jul 2024";

/** Where a folder may keep its template, in the order of transformers. */
function templateSource(folder: string, tokenizerConfig: Readonly<Record<string, unknown>>): string | undefined {
  const file = join(folder, "chat_template.jinja");
  if (existsSync(file)) return readFileSync(file, "utf8");
  const json = join(folder, "chat_template.json");
  const found = existsSync(json) ? asRecord(readJsonFile(json))?.chat_template : tokenizerConfig.chat_template;
  if (typeof found === "string") return found;
  const named = Array.isArray(found) ? found.map(asRecord).find((entry) => entry?.name === "default") : undefined;
  return typeof named?.template === "string" ? named.template : undefined;
}

/** A special token of `tokenizer_config.json`: a string, or an object with its content. */
function specialToken(value: unknown): string | undefined {
  const content = asRecord(value)?.content ?? value;
  return typeof content === "string" ? content : undefined;
}

/** Opens the template of a backbone folder. Throws a `UserError` when there is none or it does not parse. */
export function openChatTemplate(folder: string, tokenizerConfig: Readonly<Record<string, unknown>>): ChatTemplate {
  const source = templateSource(folder, tokenizerConfig);
  if (source === undefined)
    throw new UserError("there is no chat template", {
      place: join(folder, "tokenizer_config.json"),
      remedy: "Add chat_template.jinja to the folder, or use the instruction-tuned variant of the backbone.",
    });
  const failed = (what: string, place: string, cause: unknown): UserError =>
    new UserError(`the chat template ${what}: ${(cause as Error).message}`, {
      place,
      remedy: "Check the template, or the roles and their order in the data.",
      cause,
    });
  let template: Template;
  try {
    template = new Template(source);
  } catch (cause) {
    throw failed("does not parse", folder, cause);
  }
  const tokens = Object.fromEntries(
    ["bos_token", "eos_token", "pad_token", "unk_token"].map((name) => [
      name,
      specialToken(tokenizerConfig[name]) ?? "",
    ]),
  );
  return (messages, prompt, place) => {
    try {
      return template.render({
        ...tokens,
        date_string: DATE,
        messages: messages.map(({ role, content }) => ({ role, content: templateContent(content) })),
        add_generation_prompt: prompt,
      });
    } catch (cause) {
      throw failed("cannot render a conversation", place, cause);
    }
  };
}

/** Plain text as a string, as most templates expect it; anything with images as parts. */
function templateContent(content: Message["content"]): unknown {
  const [first] = content;
  if (content.length === 0) return "";
  return content.length === 1 && first?.type === "text" ? first.text : content;
}
