/** A spec by its words alone: without comments, and with every line break where the layout puts it. Two texts that differ in layout give the same. */
import { lex } from "../../grammar/index.js";
import { format } from "./index.js";

/** The canonical text; the text itself where it cannot be read. */
export function canonicalText(text: string): string {
  const { tokens } = lex(text, 1);
  return format(tokens.map(({ image }) => image).join(" ")).text ?? text;
}
