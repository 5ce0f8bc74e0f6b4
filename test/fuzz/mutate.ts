/** Ways to damage a text, from gentle to violent. */
import type { RandomStream } from "../../runtime/random/random.js";
import { CORPUS } from "./corpus.js";
import { laidOut, pick } from "./generate.js";

type Mutation = (text: string, random: RandomStream) => string;

/** Characters that lexers, terminals and people stumble over. */
const STRANGE = [
  "\0",
  "\uFEFF",
  "\u202E",
  "\u2066",
  "\uD800",
  "\uDFFF",
  "\u{1F600}",
  "\u0301",
  "\u200B",
  "\u2028",
  "\u00A0",
  "\u0430",
  "\uFF21",
  "\u001B[31m",
  "\x7F",
  "\r",
  "é",
  "{",
  "}",
  "[",
  "]",
  "(",
  ")",
  '"',
  "'",
  "\\",
  "\\u12",
  "..",
  "**",
  "/*",
  "*/",
  "//",
  "#",
  ";",
  "=",
  ":",
  "<=",
  "-",
  "%",
  "1e999",
  "9".repeat(400),
  "0x10",
  "__proto__",
  "constructor",
  "toString",
  "x".repeat(300),
  "experiment",
  "target",
  "edition",
];

const words = (text: string): string[] => text.split(/(\s+|[{}[\]().,"=*])/).filter((word) => word !== "");
const at = (random: RandomStream, list: { readonly length: number }) => random.integer(list.length + 1);
/** Two places of a list in order, not far apart. */
function stretch(random: RandomStream, list: { readonly length: number }): readonly [number, number] {
  const from = at(random, list);
  return [from, Math.min(list.length, from + random.integer(8))];
}

/** Mutations by name. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  bytes: (text, random) => {
    const bytes = [...Buffer.from(text)];
    for (let count = 1 + random.integer(4); count > 0; count--)
      bytes.splice(at(random, bytes), random.integer(2), random.integer(256));
    return Buffer.from(bytes).toString();
  },
  "strange characters": (text, random) => {
    const place = at(random, text);
    return text.slice(0, place) + pick(random, STRANGE) + text.slice(place + random.integer(2));
  },
  "words left out": (text, random) => {
    const list = words(text);
    const [from, to] = stretch(random, list);
    return list.toSpliced(from, to - from).join("");
  },
  "words repeated": (text, random) => {
    const list = words(text);
    const [from, to] = stretch(random, list);
    return list.toSpliced(at(random, list), 0, ...list.slice(from, to)).join("");
  },
  "words from elsewhere": (text, random) => {
    const list = words(text);
    const others = words(pick(random, CORPUS));
    const [from, to] = stretch(random, others);
    return list.toSpliced(at(random, list), random.integer(3), ...others.slice(from, to)).join("");
  },
  "lines left out": (text, random) => {
    const list = text.split("\n");
    const [from, to] = stretch(random, list);
    return list.toSpliced(from, to - from).join("\n");
  },
  "lines moved": (text, random) => {
    const list = text.split("\n");
    const [from, to] = stretch(random, list);
    const moved = list.splice(from, to - from);
    return list.toSpliced(at(random, list), 0, ...moved).join("\n");
  },
  "lines from elsewhere": (text, random) => {
    const list = text.split("\n");
    const others = pick(random, CORPUS).split("\n");
    const [from, to] = stretch(random, others);
    return list.toSpliced(at(random, list), random.integer(3), ...others.slice(from, to)).join("\n");
  },
  "two specs in one": (text, random) => {
    const other = pick(random, CORPUS);
    return text.slice(0, at(random, text)) + other.slice(at(random, other));
  },
  "cut short": (text, random) => text.slice(0, at(random, text)),
  "a stretch many times": (text, random) => {
    const list = words(text);
    const [from, to] = stretch(random, list);
    const many = Array.from({ length: 1 + random.integer(60) }, () => list.slice(from, to)).flat();
    return list.toSpliced(from, 0, ...many).join("");
  },
  "another number": (text, random) => {
    const numbers = [...text.matchAll(/\d[\d_.e]*/g)];
    if (numbers.length === 0) return text;
    const { 0: found, index } = pick(random, numbers);
    const other = pick(random, [
      "0",
      "1",
      "-1",
      "1e308",
      "1e999",
      "9007199254740993",
      "0.1",
      "5e-324",
      "1_",
      "00",
      "1.",
      "1e",
    ]);
    return text.slice(0, index) + other + text.slice(index + found.length);
  },
  "line ends": (text, random) => text.replaceAll("\n", pick(random, ["\r\n", "\r", "\n\n", " "])),
  layout: (text, random) => laidOut(random, text),
  "a comment": (text, random) => {
    const list = words(text);
    const comment = pick(random, [
      "/* a */",
      "// b\n",
      "/* c\n d */",
      "// allow LNAS1502: meant so\n",
      "// allow LNAS1401\n",
    ]);
    return list.toSpliced(at(random, list), 0, comment).join("");
  },
};
const ALL = Object.values(MUTATIONS);

/** A text with one to three mutations. */
export function mutate(text: string, random: RandomStream): string {
  let mutant = text;
  for (let count = 1 + random.integer(3); count > 0; count--) mutant = pick(random, ALL)(mutant, random);
  return mutant;
}
