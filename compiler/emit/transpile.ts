/** From the program's TypeScript to the JavaScript that Node imports: types are taken out, nothing else changes. */
import { loadTsMorph } from "./ts-morph.js";

/** JavaScript (ES modules) with an inline source map that names `fileName`, so that stack traces point into the program. */
export async function transpileProgram(program: string, fileName: string): Promise<string> {
  const { ts } = await loadTsMorph();
  return ts.transpileModule(program, {
    fileName,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
    },
  }).outputText;
}
