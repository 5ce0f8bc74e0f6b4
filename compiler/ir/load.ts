/** IR files: read, checked against the schema, and what is wrong told at its place. */
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.js";
import { irProblems } from "./problems.js";
import type { ExperimentIR } from "./types.js";

/** Problems told of one file. */
const MAX_PROBLEMS = 20;

export interface LoadedIR {
  /** Undefined where there are diagnostics. */
  readonly ir: ExperimentIR | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the text of an IR file, such as `lnasc compile` writes. */
export function loadIR(file: string, text: string): LoadedIR {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const report = (start: number, length: number, problem: string) =>
    diagnostic("LNAS1901", { file, span: { start, end: start + Math.max(1, length) } }, { problem });
  const [error] = errors;
  if (tree === undefined || error !== undefined) {
    const problem = error === undefined ? "it is empty" : `it is no JSON (${printParseErrorCode(error.error)})`;
    return { ir: undefined, diagnostics: [report(error?.offset ?? 0, error?.length ?? 1, problem)] };
  }
  const value: unknown = JSON.parse(text);
  const problems = irProblems(value).slice(0, MAX_PROBLEMS);
  const diagnostics = problems.map(({ pointer, problem }) => {
    const { offset, length } = nodeAt(tree, pointer);
    return report(offset, length, problem);
  });
  return { ir: diagnostics.length === 0 ? (value as ExperimentIR) : undefined, diagnostics };
}

/** The node of a JSON pointer, or the nearest one that is there; for the value of a property its key and value. */
function nodeAt(tree: Node, pointer: string): Node {
  let node = tree;
  for (const key of pointer.split("/").slice(1)) {
    const name = key.replaceAll("~1", "/").replaceAll("~0", "~");
    const next = findNodeAtLocation(node, [node.type === "array" ? Number(name) : name]);
    if (next === undefined) break;
    node = next;
  }
  return node.parent?.type === "property" ? node.parent : node;
}
