import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import {
  type CodeAction,
  CodeActionRequest,
  type CompletionItem,
  CompletionRequest,
  DefinitionRequest,
  DocumentFormattingRequest,
  DocumentSymbolRequest,
  HoverRequest,
  InlayHintRequest,
  type Location,
  type MarkupContent,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
  SemanticTokensRequest,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver/node.js";
import { TextDocument } from "vscode-languageserver-textdocument";
import { lnasc } from "../cli/lnasc.js";
import { Editor } from "./client.js";

const suite = makeSuite("language server");

const SHARED = `edition 1

// Used by several experiments.
const ranks = [0, 4, 8]

modules decoder = language.layers[*].self_attn.{q_proj, v_proj}
`;

const SPEC = `edition 1

import { llama_3_2_11b_vision } from "std:backbones"
import { ranks, decoder } from "./shared.lnas"

experiment receipts {
  seed 7

  backbone vlm = llama_3_2_11b_vision

  dataset receipts {
    train      messages("train.jsonl")
    reward     messages("reward.jsonl")
    validation messages("validation.jsonl")
    test       messages("test.jsonl")
  }

  adapter lora on vlm {
    target decoder                              rank in ranks
    target language.layers[*].cross_attn.v_proj  rank in [0, 4]
  }

  objective {
    minimize   loss on reward
    subject to parameters <= 0.005% of vlm
  }

  search natural_policy_gradient {
    controller { rounds 2 }
    finalists  2
  }

  train final { steps 100 }

  export peft "adapter"
}
`;

/** An editor with both files on the disk and the spec open. */
async function editing(body: (editor: Editor) => Promise<void>, text = SPEC): Promise<void> {
  const editor = new Editor({ "shared.lnas": SHARED, "spec.lnas": SPEC });
  try {
    await editor.initialize();
    await editor.open("spec.lnas", text);
    await body(editor);
    assert.is(await editor.end(), 0);
    assert.is(editor.errors, "");
  } finally {
    editor.kill();
  }
}

/** The text of an open document after edits to it. */
function edited(editor: Editor, name: string, edits: readonly TextEdit[]): string {
  return TextDocument.applyEdits(TextDocument.create("", "lnas", 0, editor.text(name)), [...edits]);
}
const labels = (items: readonly CompletionItem[]) => items.map(({ label }) => label);

async function completions(editor: Editor, piece: string): Promise<CompletionItem[]> {
  const found = await editor.connection.sendRequest(CompletionRequest.type, editor.behind("spec.lnas", piece));
  return Array.isArray(found) ? found : (found?.items ?? []);
}

suite("says what it can do", async () => {
  const editor = new Editor({});
  const { capabilities, serverInfo } = await editor.initialize();
  assert.is(serverInfo?.name, "lnas");
  for (const capability of [
    "completionProvider",
    "hoverProvider",
    "definitionProvider",
    "referencesProvider",
    "renameProvider",
    "documentFormattingProvider",
    "documentSymbolProvider",
    "codeActionProvider",
    "inlayHintProvider",
    "semanticTokensProvider",
  ] as const)
    assert.ok(capabilities[capability], capability);
  assert.is(await editor.end(), 0);
});

suite("diagnostics come and go as one types, and are those of lnasc check", async () => {
  await editing(async (editor) => {
    assert.equal(await editor.diagnostics("spec.lnas"), []);
    await editor.replace("spec.lnas", "finalists  2", "finalsts 2");
    const [only, ...more] = await editor.diagnostics("spec.lnas");
    assert.equal(more, []);
    assert.is(only!.code, "LNAS1203");
    assert.match(only!.message, "Did you mean `finalists`?");
    assert.equal(only!.range, { start: { line: 29, character: 4 }, end: { line: 29, character: 12 } });
    await editor.replace("spec.lnas", "finalsts 2", "finalists 2");
    assert.equal(await editor.diagnostics("spec.lnas"), []);
  });
});

suite("an open document that is imported counts as it stands in the editor", async () => {
  await editing(async (editor) => {
    assert.equal(await editor.diagnostics("spec.lnas"), []);
    await editor.open("shared.lnas", SHARED);
    assert.equal(await editor.diagnostics("shared.lnas"), []);
    await editor.replace("shared.lnas", "const ranks", "const rank_list");
    assert.equal(await editor.diagnostics("shared.lnas"), []);
    const reports = await editor.diagnostics("spec.lnas");
    assert.ok(reports.some(({ code }) => code === "LNAS1106"));
    // What was never saved is forgotten with the document.
    await editor.close("shared.lnas");
    await editor.replace("spec.lnas", "seed 7", "seed 8");
    assert.equal(await editor.diagnostics("spec.lnas"), []);
  });
});

suite("completes a module path of the 11B backbone, level by level, while it is being typed", async () => {
  await editing(async (editor) => {
    let written = "target language.layers[*].cross_attn.v_proj ";
    /** What is offered behind a target that is written so far. */
    const offered = async (target: string) => {
      await editor.replace("spec.lnas", written, target);
      written = target;
      return completions(editor, target);
    };
    const heads = labels(await offered("target "));
    for (const head of ["vision", "projector", "language", "decoder"]) assert.ok(heads.includes(head), `${heads}`);
    assert.ok(labels(await offered("target language.")).includes("layers"));
    const parts = labels(await offered("target language.layers[*].")).filter((label) => /^[a-z]/.test(label));
    assert.equal(parts.sort(), ["cross_attn", "mlp", "self_attn"]);
    const leaves = await offered("target language.layers[*].cross_attn.");
    for (const leaf of ["k_proj", "o_proj", "q_proj", "v_proj"]) assert.ok(labels(leaves).includes(leaf), leaf);
    assert.match(leaves.find(({ label }) => label === "q_proj")!.detail!, "8 modules");
  });
});

suite("completes keywords, options of the chosen controller, std modules and what they export", async () => {
  await editing(async (editor) => {
    await editor.replace("spec.lnas", "controller { rounds 2 }", "controller {  }");
    const options = labels(await completions(editor, "controller { "));
    for (const option of ["prior", "rounds", "exploration"]) assert.ok(options.includes(option), `${options}`);
    assert.not.ok(options.includes("population"));
    await editor.replace("spec.lnas", 'from "std:backbones"', 'from ""');
    assert.ok(labels(await completions(editor, 'from "')).includes("std:ranks"));
    await editor.replace("spec.lnas", "  train final { steps 100 }", "  ");
    assert.ok(labels(await completions(editor, "finalists  2\n  }\n\n  ")).includes("train"));
  });
});

suite("hover, definition, outline, hints and tokens", async () => {
  await editing(async (editor) => {
    const markdown = async (piece: string) => {
      const hover = await editor.connection.sendRequest(HoverRequest.type, editor.behind("spec.lnas", piece));
      return (hover?.contents as MarkupContent | undefined)?.value ?? "";
    };
    assert.match(await markdown("language.layers[*].cro"), "8 modules");
    assert.match(await markdown("rank in ran"), "[0, 4, 8]");
    assert.match(await markdown("controller { roun"), "Rounds of scoring");
    const definition = (await editor.connection.sendRequest(
      DefinitionRequest.type,
      editor.behind("spec.lnas", "rank in ran"),
    )) as Location;
    assert.is(definition.uri, editor.uri("shared.lnas"));
    assert.is(definition.range.start.line, 3);
    const textDocument = { uri: editor.uri("spec.lnas") };
    const symbols = await editor.connection.sendRequest(DocumentSymbolRequest.type, { textDocument });
    assert.ok(symbols!.some(({ name }) => name === "receipts"));
    const end = { line: SPEC.split("\n").length, character: 0 };
    const range = { start: { line: 0, character: 0 }, end };
    const hints = await editor.connection.sendRequest(InlayHintRequest.type, { textDocument, range });
    assert.ok(
      hints!.some(({ label }) => label === "64 modules"),
      JSON.stringify(hints),
    );
    const tokens = await editor.connection.sendRequest(SemanticTokensRequest.type, { textDocument });
    assert.ok(tokens!.data.length > 5 * 40);
    assert.is(tokens!.data.length % 5, 0);
  });
});

suite("renames and finds a name in both files, also where the other is not open; refuses what cannot be", async () => {
  await editing(async (editor) => {
    const at = editor.behind("spec.lnas", "rank in ran");
    const references = await editor.connection.sendRequest(ReferencesRequest.type, {
      ...at,
      context: { includeDeclaration: true },
    });
    assert.equal([...new Set(references!.map(({ uri }) => uri))].sort(), [
      editor.uri("shared.lnas"),
      editor.uri("spec.lnas"),
    ]);
    assert.is(references!.length, 3);
    assert.ok(await editor.connection.sendRequest(PrepareRenameRequest.type, at));
    const edit = (await editor.connection.sendRequest(RenameRequest.type, {
      ...at,
      newName: "choices",
    })) as WorkspaceEdit;
    const changes = edit.changes!;
    assert.match(edited(editor, "spec.lnas", changes[editor.uri("spec.lnas")]!), "rank in choices");
    const shared = TextDocument.create("", "lnas", 0, SHARED);
    assert.match(TextDocument.applyEdits(shared, changes[editor.uri("shared.lnas")]!), "const choices = [0, 4, 8]");
    for (const newName of ["decoder", "two words", "7up", ""]) {
      const error = await editor.connection.sendRequest(RenameRequest.type, { ...at, newName }).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      assert.ok(error instanceof Error && error.message.length > 0, newName);
    }
    const standard = editor.behind("spec.lnas", "backbone vlm = llama_3_2");
    const refused = await editor.connection.sendRequest(RenameRequest.type, { ...standard, newName: "mine" }).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    assert.ok(refused instanceof Error);
  });
});

suite("renames in a file as it is on the disk now, though nobody told that it changed", async () => {
  await editing(async (editor) => {
    await editor.open("shared.lnas", SHARED);
    await editor.close("spec.lnas");
    const rename = () =>
      editor.connection.sendRequest(RenameRequest.type, {
        ...editor.behind("shared.lnas", "const ran"),
        newName: "choices",
      });
    const renamed = (edit: WorkspaceEdit | null, text: string) =>
      TextDocument.applyEdits(TextDocument.create("", "lnas", 0, text), edit!.changes![editor.uri("spec.lnas")]!);
    const by = (text: string) => text.replace("{ ranks,", "{ choices,").replace("in ranks", "in choices");
    assert.is(renamed(await rename(), SPEC), by(SPEC));
    const pulled = SPEC.replace("edition 1", "edition 1\n\n// Moved down by another tool.");
    writeFileSync(join(editor.folder, "spec.lnas"), pulled);
    assert.is(renamed(await rename(), pulled), by(pulled));
  });
});

suite("formats as lnasc fmt does, and leaves alone what cannot be read", async () => {
  const untidy = SPEC.replace("seed 7", "seed       7").replace("finalists  2", "finalists 2,");
  await editing(async (editor) => {
    const request = { textDocument: { uri: editor.uri("spec.lnas") }, options: { tabSize: 2, insertSpaces: true } };
    const edits = await editor.connection.sendRequest(DocumentFormattingRequest.type, request);
    assert.is(edited(editor, "spec.lnas", edits!), lnasc(["fmt", "-"], undefined, untidy).stdout);
    await editor.replace("spec.lnas", "experiment receipts {", "experiment receipts");
    assert.equal(await editor.connection.sendRequest(DocumentFormattingRequest.type, request), []);
  }, untidy);
});

suite("a fix mends the text", async () => {
  await editing(
    async (editor) => {
      const [only] = await editor.diagnostics("spec.lnas");
      const actions = (await editor.connection.sendRequest(CodeActionRequest.type, {
        textDocument: { uri: editor.uri("spec.lnas") },
        range: only!.range,
        context: { diagnostics: [only!] },
      })) as CodeAction[];
      const [fix] = actions;
      assert.is(fix!.isPreferred, true);
      const mended = edited(editor, "spec.lnas", fix!.edit!.changes![editor.uri("spec.lnas")]!);
      assert.is(mended, SPEC);
    },
    SPEC.replace("rounds 2", "round 2"),
  );
});

suite("whatever the document holds, and whatever it is asked, it answers and lives", async () => {
  await editing(async (editor) => {
    const texts = [
      "",
      "\u0000\ud800{{{[[[",
      "experiment ".repeat(1000),
      "edition 1\n\u202e}",
      "import { } from",
      "/* ",
      "🙂 target 🙂.",
    ];
    for (const text of texts) {
      await editor.replace("spec.lnas", editor.text("spec.lnas"), text);
      await editor.diagnostics("spec.lnas");
      const textDocument = { uri: editor.uri("spec.lnas") };
      for (const position of [
        { line: 0, character: 0 },
        { line: 0, character: 5 },
        { line: 999, character: 999 },
      ]) {
        const at = { textDocument, position };
        await editor.connection.sendRequest(CompletionRequest.type, at);
        await editor.connection.sendRequest(HoverRequest.type, at);
        await editor.connection.sendRequest(DefinitionRequest.type, at);
        await editor.connection.sendRequest(ReferencesRequest.type, { ...at, context: { includeDeclaration: true } });
      }
      await editor.connection.sendRequest(DocumentSymbolRequest.type, { textDocument });
      await editor.connection.sendRequest(SemanticTokensRequest.type, { textDocument });
    }
    const nowhere = { textDocument: { uri: "untitled:nothing" }, position: { line: 0, character: 0 } };
    assert.equal(await editor.connection.sendRequest(CompletionRequest.type, nowhere), []);
    await editor.connection.sendRequest("lnas/unknown", {}).then(
      () => assert.unreachable(),
      (error: Error) => assert.ok(error.message),
    );
    await editor.connection.sendRequest(HoverRequest.type, { position: "nonsense" } as never).then(
      () => assert.unreachable(),
      (error: Error) => assert.ok(error.message),
    );
    // Messages that are none.
    editor.write("Content-Length: 9\r\n\r\n{not json");
    editor.write("Content-Length: 2\r\n\r\n[]");
    await editor.replace("spec.lnas", editor.text("spec.lnas"), SPEC);
    assert.equal(await editor.diagnostics("spec.lnas"), []);
  });
});

suite("a document that was never saved, and one outside of any project", async () => {
  const editor = new Editor({});
  await editor.initialize();
  await editor.open(
    "new.lnas",
    SPEC.replace('import { ranks, decoder } from "./shared.lnas"\n', "")
      .replace("in ranks", "in [0, 1]")
      .replace("target decoder ", "target vision.**"),
  );
  assert.equal(await editor.diagnostics("new.lnas"), []);
  assert.is(await editor.end(), 0);
});

suite.run();
