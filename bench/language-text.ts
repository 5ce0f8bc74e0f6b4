/** Valid specs as long as one likes, for measuring: whole experiments, experiments that extend them, records, sets of modules and constants. */

/** One part of about 50 lines: an experiment, one that extends it, and what both use. */
const part = (number: number): string => `
// Part ${number}: which layers deserve rank?
const ranks_${number} = [0, 1, 2, 4]

modules heads_${number} = vision.**.self_attn.*, language.layers[0..1, 3].self_attn.{q_proj, v_proj}

train recipe_${number} {
  steps     4_000
  batch     8
  optimizer adamw { learning_rate 2e-4, weight_decay 0.01 }
  schedule  cosine { warmup 5% }
}

experiment whole_${number} {
  summary "Part ${number}"
  seed    ${number}

  backbone vlm = mllama { weights folder("backbone") }

  dataset digits {
    train      messages("data/train.jsonl")
    reward     messages("data/reward.jsonl")
    validation messages("data/validation.jsonl")
    test       messages("data/test.jsonl")
  }

  adapter lora on vlm {
    scale  alpha / rank = 2
    target heads_${number}                       rank in ranks_${number}
    target language.layers[*].mlp.*  rank in [0, 2, 4]  tie per 2 layers
  }

  objective {
    minimize   loss on reward
    subject to parameters <= uniform rank 1
  }

  search natural_policy_gradient { finalists 2 }

  compare with uniform, random { candidates 64 }, seeds 3

  train final = recipe_${number}

  export peft "adapter"
}

experiment longer_${number} extends whole_${number} {
  seed  ${number + 1}
  train final { steps 8_000 }
}
`;

/** A spec of at least so many lines. */
export function longSpec(lines: number): string {
  const texts = ['edition 1\n\nimport { mllama } from "std:backbones"\n'];
  const each = part(0).split("\n").length - 1;
  for (let number = 0; number * each < lines; number++) texts.push(part(number));
  return texts.join("");
}
