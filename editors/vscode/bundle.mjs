/** Writes what a `.vsix` holds besides the committed files: the extension in one file, the licences of what is in it, and our own. */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const { metafile } = await build({
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.cjs",
  bundle: true,
  platform: "node",
  format: "cjs",
  // What VS Code 1.82, the oldest that the manifest allows, runs extensions on.
  target: "node18",
  external: ["vscode"],
  minify: true,
  metafile: true,
});

const packages = new Set(
  Object.keys(metafile.inputs).flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
);
writeFileSync("dist/NOTICES.txt", [...packages].sort().map(notice).join("\n\n"));
// The client ends a server that does not stop with this script, which it looks for beside itself.
copyFileSync("node_modules/vscode-languageclient/lib/node/terminateProcess.sh", "dist/terminateProcess.sh");
copyFileSync(join("..", "..", "LICENSE"), "LICENSE");

/** The name, version and licence text of a package that was bundled. */
function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${folder} has no licence file to pass on`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
}
