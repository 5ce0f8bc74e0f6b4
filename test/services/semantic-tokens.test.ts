/** The type of every word. */
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { semanticTokens } from "../../compiler/services/semantic-tokens.js";
import { BASE } from "../compiler/host.js";
import { edit } from "./editor.js";

const suite = makeSuite("services: semantic tokens");

const tokens = (text: string) =>
  semanticTokens(edit(`|${text}`).analysis).map(
    ({ span, type }) => [text.slice(span.start, span.end), type, span] as const,
  );
const typesOf = (text: string, word: string) => tokens(text).flatMap(([name, type]) => (name === word ? [type] : []));

suite("words by what they mean, not by their letters", () => {
  const text = `${BASE}modules eyes = vision.**\nmodules both = eyes, projector`;
  // A keyword of an item, and the name of a split, of an option and of a path.
  assert.equal(typesOf(text, "train"), ["property", "keyword"]);
  assert.equal(typesOf(text, "ranks"), ["variable", "variable"]);
  assert.equal(typesOf(text, "mllama"), ["type", "type"]);
  assert.equal(typesOf(text, "vlm"), ["variable", "variable"]);
  assert.equal(typesOf(text, "gradient_probe"), ["enumMember"]);
  assert.equal(typesOf(text, "messages"), ["function", "function", "function", "function"]);
  assert.equal(typesOf(text, "natural_policy_gradient"), ["type"]);
  assert.equal(typesOf(text, "eyes"), ["namespace", "namespace"]);
  const swept = `${BASE}experiment b extends base {}\nsweep all = base, b, c`;
  assert.equal(
    ["sweep", "all", "b", "c"].map((word) => typesOf(swept, word)),
    [["keyword"], ["namespace"], ["type", "type"], []],
  );
  assert.equal(typesOf(text, "projector"), ["property"]);
  assert.equal(typesOf(text, "h"), []);
});

suite("in order, without overlap, also in a file with mistakes", () => {
  for (const text of [BASE, BASE.replace("{", ""), BASE.replace("seed 7", "seed = = 7"), "{{ target rank 'train"]) {
    let end = 0;
    for (const [, , span] of tokens(text)) {
      assert.ok(span.start >= end && span.end > span.start);
      end = span.end;
    }
  }
  assert.equal(typesOf(BASE.replace("seed 7", "seed = = 7"), "seed"), ["keyword"]);
});

suite.run();
