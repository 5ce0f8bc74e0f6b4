/** Numbers behind targets and limits. */
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { groupedDigits } from "../../compiler/numbers.js";
import { inlayHints } from "../../compiler/services/inlay-hints.js";
import { BASE, compileText } from "../compiler/host.js";
import { edit } from "./editor.js";

const suite = makeSuite("services: inlay hints");

/** The text up to the end of the line before each hint, and the hint. */
const hints = (text: string) =>
  inlayHints(edit(`|${text}`).analysis).map(
    ({ offset, text: hint }) => text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset).trim() + hint,
  );

suite("modules of targets, and limits", () => {
  const { maxParameters } = compileText(BASE).experiments[0]!.ir.objective;
  assert.ok(maxParameters > 1000);
  assert.equal(hints(BASE), [
    "target vision.** 36 modules",
    `subject to parameters <= uniform rank 1 ${groupedDigits(maxParameters)} parameters`,
  ]);
});

suite("shares, sets, and what is inherited", () => {
  const text = `${BASE.replace("uniform rank 1", "1% of vlm")}modules eyes = vision.**
experiment more extends base {
  adapter lora on vlm { target eyes except **.fc1 rank in ranks target projector rank 1 }
}
experiment less extends more { objective { minimize loss on reward subject to parameters <= uniform rank 2 } }
`;
  const found = hints(text);
  assert.is(found.length, 5);
  assert.match(found[1]!, /^subject to parameters <= 1% of vlm [\d,]+ parameters$/);
  assert.is(found[2], "adapter lora on vlm { target eyes except **.fc1 30 modules");
  assert.match(found[3]!, / target projector 1 module$/);
  assert.match(found[4]!, / uniform rank 2 [\d,]+ parameters$/);
});

suite("beside mistakes: of the same experiment, and of another target", () => {
  const broken = BASE.replace("seed 7", "seed = = 7").replace("  export", "  expor");
  assert.equal(hints(broken), hints(BASE));
  const missed = BASE.replace("target vision", "target visoin.** rank in ranks\n    target vision");
  assert.equal(hints(missed), ["target vision.** 36 modules"]);
  assert.equal(hints(BASE.replace("backbone vlm = mllama", "backbone vlm = other")), []);
});

suite("a limit that is a number says itself", () => {
  assert.equal(hints(BASE.replace("uniform rank 1", "4_000")), ["target vision.** 36 modules"]);
});

suite.run();
