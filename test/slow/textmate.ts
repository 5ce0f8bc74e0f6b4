/** Colours a text as VS Code would: its own engine (the extension's packages) and our grammar. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { REPOSITORY } from "../golden.js";

export const EXTENSION = join(REPOSITORY, "editors", "vscode");
/** Packages that only `editors/vscode` installs. */
export const requireFromExtension = createRequire(join(EXTENSION, "package.json"));

interface Grammar {
  tokenizeLine(
    line: string,
    state: unknown,
  ): {
    readonly tokens: readonly { readonly startIndex: number; readonly scopes: readonly string[] }[];
    readonly ruleStack: unknown;
  };
}
interface TextMate {
  readonly INITIAL: unknown;
  readonly parseRawGrammar: (text: string, path: string) => unknown;
  readonly Registry: new (
    options: unknown,
  ) => {
    loadGrammar(scope: string): Promise<Grammar>;
  };
}
interface Oniguruma {
  loadWASM(bytes: ArrayBuffer | Uint8Array): Promise<void>;
  readonly OnigScanner: new (patterns: readonly string[]) => unknown;
  readonly OnigString: new (text: string) => unknown;
}

/** Gives the scopes at any offset of a text, without the language's own name at their end. */
export async function loadColours(grammarFile: string): Promise<(text: string) => (offset: number) => string[]> {
  const textmate = requireFromExtension("vscode-textmate") as TextMate;
  const oniguruma = requireFromExtension("vscode-oniguruma") as Oniguruma;
  await oniguruma.loadWASM(readFileSync(requireFromExtension.resolve("vscode-oniguruma/release/onig.wasm")));
  const grammar = await new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns: readonly string[]) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text: string) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(readFileSync(grammarFile, "utf8"), grammarFile),
  }).loadGrammar("source.lnas");
  return (text) => {
    const starts: { readonly offset: number; readonly scopes: readonly string[] }[] = [];
    let state = textmate.INITIAL;
    let offset = 0;
    for (const line of text.split("\n")) {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
      starts.push(...tokens.map(({ startIndex, scopes }) => ({ offset: offset + startIndex, scopes })));
      state = ruleStack;
      offset += line.length + 1;
    }
    return (at) =>
      starts
        .findLast((start) => start.offset <= at)!
        .scopes.filter((scope) => scope !== "source.lnas")
        .map((scope) => scope.replace(/\.lnas$/, ""));
  };
}
