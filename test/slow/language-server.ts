/** A language server that can do nothing but note, in the file `started.jsonl` of its folder, how it was started. */
import { appendFileSync } from "node:fs";
import { createConnection, type InitializeParams } from "vscode-languageserver/node.js";

const connection = createConnection();
connection.onInitialize(({ workspaceFolders }: InitializeParams) => {
  const folders = workspaceFolders?.map(({ uri }) => uri);
  const note = { as: process.env.STARTED_AS, words: process.argv.slice(2), folders };
  appendFileSync("started.jsonl", `${JSON.stringify(note)}\n`);
  return { capabilities: {} };
});
connection.listen();
