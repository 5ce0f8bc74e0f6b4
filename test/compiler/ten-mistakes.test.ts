/** Files with ten mistakes of different kinds: each is told at its own characters in one run, and nothing else is said. */
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { renderText } from "../../compiler/index.js";
import { LineIndex } from "../../grammar/index.js";
import { compileText } from "./host.js";

const suite = makeSuite("ten mistakes");

/** Each mistake of `marked` stands between « and »; `codes` are theirs in the order of the text. */
interface Planted {
  readonly marked: string;
  readonly codes: readonly string[];
}

const FILES: Readonly<Record<string, Planted>> = {
  "all over a file": {
    codes: [
      "LNAS1106", // an import of what is not there
      "LNAS1011", // a semicolon
      "LNAS1005", // an invisible character
      "LNAS1001", // a second value
      "LNAS1203", // an option that is misspelt
      "LNAS1401", // a pattern that matches nothing
      "LNAS1404", // ranks in the wrong order
      "LNAS1206", // an objective that is not supported
      "LNAS1204", // a time without its unit
      "LNAS1108", // a controller that is misspelt
    ],
    marked: `edition 1

import { mllama } from "std:backbones"
import { small, «smal» } from "std:ranks"

const choices = [0, 4, 8]«;»

experiment first {
  summary "ranks «\u202E»reversed"
  seed    7 «8»

  backbone vlm = mllama { weights folder("backbone") }

  dataset digits {
    train      messages("train.jsonl")
    reward     messages("reward.jsonl")
    «validaton» messages("validation.jsonl")
    test       messages("test.jsonl")
  }

  adapter lora on vlm {
    target vision.**                              rank in choices
    target «language.layers[*].self_attn.q_prj»   rank in small
    target projector                              rank in «[8, 4]»
  }

  objective {
    «maximize anls on reward»
    subject to parameters <= uniform rank 1
  }

  search natural_policy_gradient { finalists 2 }

  budget { wall_clock «6» }

  compare with «unifrm», random

  train final { steps 300, batch 16 }

  export peft "adapter"
}
`,
  },
  "close together, on neighbouring lines and on one": {
    codes: [
      "LNAS1105", // neither std: nor a relative path
      "LNAS1107", // a name declared twice
      "LNAS1006", // single quotes
      "LNAS1010", // an equals sign
      "LNAS1204", // a whole number that is none
      "LNAS1204", // a share above 100%
      "LNAS1202", // a second seed
      "LNAS1402", // targets that overlap
      "LNAS1403", // a rank that no module has
      "LNAS1013", // a number that overflows
      "LNAS1012", // a comment with #
      "LNAS1108", // a backbone that is not there
    ],
    marked: `edition 1
import { mllama } from "std:backbones"
import { other }  from «"backbones"»
const ranks = [0, 4]
const «ranks» = [0, 8]
experiment second {
  summary «'why?'»
  seed «=» 7
  backbone vlm = mllama { weights folder("backbone") }
  dataset digits { train messages("a"), reward messages("b"), validation messages("c"), test messages("d") }
  train final { steps «3.5», schedule cosine { warmup «500%» } }
  «seed 8»
  adapter lora on vlm {
    target vision.** rank in ranks
    target «vision.transformer.**» rank in ranks
    target projector rank in «[0, 4096]»
  }
  objective { minimize loss on reward subject to parameters <= uniform rank 1 }
  search natural_policy_gradient { controller { learning_rate «1e999» } } «#» hot
  export peft "adapter"
}
experiment third extends second {
  backbone vlm = «mlama» { weights folder("backbone") }
}
`,
  },
  "brackets missing and keywords misspelt": {
    codes: [
      "LNAS1102", // an edition of the future
      "LNAS1103", // a module that is misspelt
      "LNAS1003", // a list that does not end
      "LNAS1001", // a keyword that is misspelt
      "LNAS1007", // a text that does not end
      "LNAS1009", // a backslash in a path
      "LNAS1001", // a target without ranks
      "LNAS1002", // an operator that is none
      "LNAS1002", // a character of no word
      "LNAS1204", // a path out of the run folder
    ],
    marked: `edition «2»

import { mllama } from «"std:backbone"»

const ranks = [0, 4«,»

modules heads = **.q_proj

experiment third {
  «sumary» "which?"
  seed 7

  backbone vlm = mllama { weights folder(«"backbone)»
  }

  dataset digits {
    train      messages("train.jsonl")
    reward     messages("reward.jsonl")
    validation messages("validation.jsonl")
    test       messages(«"raw\\digits.jsonl"»)
  }

  adapter lora on vlm {
    target heads
    «scale»  alpha / rank = 2
  }

  objective {
    minimize loss on reward
    subject to parameters «<» uniform rank 1
  }

  search natural_policy_gradient { finalists «$»2 }

  train final { steps 300 }

  export peft «"../adapter"»
}
`,
  },
};

for (const [name, { marked, codes }] of Object.entries(FILES))
  suite(name, () => {
    const planted: { start: number; end: number }[] = [];
    const starts: number[] = [];
    let text = "";
    for (const piece of marked.split(/([«»])/)) {
      if (piece === "«") starts.push(text.length);
      else if (piece === "»") planted.push({ start: starts.pop()!, end: text.length });
      else text += piece;
    }
    assert.is(planted.length, codes.length);
    assert.ok(planted.length >= 10);
    const lines = new LineIndex(text);
    const place = ({ start, end }: { start: number; end: number }) => {
      const { line, column } = lines.position(start);
      return `${line}:${column} ${JSON.stringify(text.slice(start, end))}`;
    };
    const { diagnostics, texts } = compileText(text);
    assert.equal(
      diagnostics.map((found) => `${found.code} ${place(found.place.span)}`),
      planted.map((span, at) => `${codes[at]} ${place(span)}`),
      renderText(diagnostics, (file) => texts.get(file)),
    );
  });

suite.run();
