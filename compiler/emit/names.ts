/** Names for the constants and types of a program, made from what the spec calls things. */

/** `natural_policy_gradient` -> `naturalPolicyGradient`. Runtime constructors are named after controllers in this way. */
export function camelCase(name: string): string {
  return words(name)
    .map((word, at) => (at === 0 ? word[0]!.toLowerCase() + word.slice(1) : capitalised(word)))
    .join("");
}

/** `handwriting-2` -> `Handwriting2`; what holds no letter is called `Experiment`. */
export function typeName(name: string): string {
  const joined = words(name).map(capitalised).join("");
  return /^[A-Za-z]/.test(joined) ? joined : `Experiment${joined}`;
}

const words = (text: string): string[] => text.match(/[A-Za-z0-9]+/g) ?? [];
const capitalised = (word: string) => word[0]!.toUpperCase() + word.slice(1);

/** Words of a module pattern that every pattern has, or that say where and not what. */
const COMMON_WORDS = new Set(["model", "layers", "transformer"]);

/** `language.layers[*].self_attn.{q_proj, v_proj}` -> `languageSelfAttnModules`; `**` -> `allModules`. */
export function groupName(pattern: string): string {
  const kept = words(pattern.replace(/\[[^\]]*\]|\{[^}]*\}/g, " ").replaceAll("_", " "))
    .filter((word) => !COMMON_WORDS.has(word) && !/^\d+$/.test(word))
    .slice(0, 4);
  return kept.length === 0 || /^\d/.test(kept[0]!) ? "allModules" : `${camelCase(kept.join(" "))}Modules`;
}

/** Words that TypeScript keeps for itself, as far as a generated name can meet them. */
const RESERVED = ["Array", "Promise", "Record", "Readonly", "Object", "String", "Number"];

/** Hands out names, each once: a name that is taken gets the next free number. */
export class NameTable {
  readonly #taken: Set<string>;

  constructor(taken: readonly string[]) {
    this.#taken = new Set([...taken, ...RESERVED]);
  }

  unique(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.#taken.has(name); number++) name = `${wanted}${number}`;
    this.#taken.add(name);
    return name;
  }
}
