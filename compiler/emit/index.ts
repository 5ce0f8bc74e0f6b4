/**
 * From the IR to the program that runs. `program.ts` says what stands in a program and `stages.ts` what it does, `search-space.ts` how
 * modules are grouped, `expression.ts` how it is laid out, `text.ts` and `names.ts` how the words of a spec become TypeScript.
 */
import type { ExperimentIR } from "../ir/types.js";
import { programStructure } from "./program.js";
import type { ControllerNotes } from "./stages.js";
import { loadTsMorph } from "./ts-morph.js";

export type { ControllerNotes } from "./stages.js";
export { transpileProgram } from "./transpile.js";

export interface EmitOptions {
  /** SHA-256 of the canonical IR, hexadecimal. */
  readonly irHash: string;
  /** Version of lnas, for the header. */
  readonly version: string;
  /** The runtime's controller table: its sentences become comments beside the options. */
  readonly controllers?: ControllerNotes;
}

/** The text of `<name>.search.ts`. The same IR and options give the same bytes. */
export async function emitProgram(ir: ExperimentIR, options: EmitOptions): Promise<string> {
  const { printStructure, StructureKind } = await loadTsMorph();
  const { imports, type, ...program } = programStructure(ir, options);
  return printStructure(
    {
      kind: StructureKind.SourceFile,
      statements: [
        program.header,
        {
          kind: StructureKind.ImportDeclaration,
          moduleSpecifier: "lnas/runtime",
          namedImports: (writer) => {
            writer.newLine();
            for (const name of imports) writer.write(name).write(",").newLine();
          },
        },
        ...program.searchSpace,
        {
          kind: StructureKind.TypeAlias,
          leadingTrivia: "\n// One rank for every module. A rank that the module may not take is a type error.\n",
          isExported: true,
          name: type,
          type: "ArchitectureOf<typeof modules>",
        },
        ...program.options,
        program.experiment,
      ],
    },
    { indentNumberOfSpaces: 2, newLine: "\n" },
  );
}
