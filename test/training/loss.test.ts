import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Example } from "../../runtime/data/example.js";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { gradients } from "../../runtime/graph/gradient.js";
import { answerFeeds, answerLoss, answerTokens, distilled, judgeAnswer } from "../../runtime/training/loss.js";

const example = (inputIds: number[], labels: number[]): Example => ({
  id: "a:1",
  contentHash: "",
  inputIds: Int32Array.from(inputIds),
  labels: Int32Array.from(labels),
  images: {},
  answer: "",
});
// Tokens: 0 prompt, 1 2 answer, 3 end.
const examples = [example([0, 1, 2, 3], [-100, 1, 2, 3]), example([0, 2, 3], [-100, 2, 3])];

test("position t is judged on token t + 1, unlabelled positions count nothing, a batch's loss is the mean over its tokens", async () => {
  const sequence = 5;
  const b = new GraphBuilder();
  const loss = answerLoss(b, b.input("logits", [2, sequence, 4]));
  const executable = await referenceExecutor({ float64: true }).compile(
    b.finish({ mean: loss.mean, each: loss.perExample }),
  );
  const logits = Float64Array.from({ length: 2 * sequence * 4 }, (_, index) => Math.sin(index));
  const { mean, each } = await executable.run({
    logits: { shape: [2, sequence, 4], dtype: "f32", data: logits },
    ...answerFeeds(examples, sequence),
  });
  const nll = (row: number, position: number, token: number) => {
    const at = (row * sequence + position) * 4;
    const row4 = [...logits.slice(at, at + 4)];
    return Math.log(row4.reduce((sum, x) => sum + Math.exp(x), 0)) - row4[token]!;
  };
  const first = nll(0, 0, 1) + nll(0, 1, 2) + nll(0, 2, 3);
  const second = nll(1, 0, 2) + nll(1, 1, 3);
  assert.ok(Math.abs(each!.data[0]! - first) < 1e-12);
  assert.ok(Math.abs(each!.data[1]! - second) < 1e-12);
  assert.ok(Math.abs(mean!.data[0]! - (first + second) / 5) < 1e-12);
  assert.equal(examples.map(answerTokens), [3, 2]);
});

test("soft labels weigh the teacher's distribution against the answer; no gradient reaches the teacher", async () => {
  const sequence = 5;
  const b = new GraphBuilder();
  const logits = b.input("logits", [2, sequence, 4]);
  const teacher = b.input("teacher", [2, sequence, 4]);
  const hard = answerLoss(b, logits);
  const { mean } = distilled(b, hard, logits, teacher, 0.3);
  const same = distilled(b, hard, logits, logits, 1);
  const [toLogits, toTeacher] = gradients(b, mean, [logits, teacher]);
  const [ofSame] = gradients(b, same.mean, [logits]);
  const executable = await referenceExecutor({ float64: true }).compile(
    b.finish({ mean, hard: hard.mean, toLogits: toLogits!, toTeacher: toTeacher!, ofSame: ofSame! }),
  );
  const values = (scale: number) => Float64Array.from({ length: 2 * sequence * 4 }, (_, at) => Math.sin(scale * at));
  const feed = (data: Float64Array) => ({ shape: [2, sequence, 4], dtype: "f32", data }) as const;
  const [student, said] = [values(1), values(1.7)];
  const fetched = await executable.run({
    logits: feed(student),
    teacher: feed(said),
    ...answerFeeds(examples, sequence),
  });
  const softmax = (data: Float64Array, at: number) => {
    const weights = [...data.slice(at, at + 4)].map(Math.exp);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  };
  const positions = [0, 1, 2, sequence, sequence + 1].map((position) => 4 * position);
  const soft = positions.map((at) => {
    const q = softmax(student, at);
    return -softmax(said, at).reduce((sum, p, token) => sum + p * Math.log(q[token]!), 0);
  });
  const expected = 0.7 * fetched.hard!.data[0]! + (0.3 * soft.reduce((sum, value) => sum + value, 0)) / 5;
  assert.ok(Math.abs(fetched.mean!.data[0]! - expected) < 1e-12);
  assert.ok(fetched.toLogits!.data.some((value) => Math.abs(value) > 1e-3));
  assert.ok(fetched.toTeacher!.data.every((value) => value === 0));
  // A teacher that is the student itself teaches nothing.
  assert.ok(fetched.ofSame!.data.every((value) => Math.abs(value) < 1e-12));
});

test("an answer is exact when its end is right too; token accuracy leaves the end apart", () => {
  const predictions = [1, 2, 0, 9, 9, /* second row */ 2, 3, 9, 9, 9];
  assert.equal(judgeAnswer(examples[0]!, predictions, 0, 5), {
    exact: false,
    contentTokens: 2,
    correctContentTokens: 2,
  });
  assert.equal(judgeAnswer(examples[1]!, predictions, 1, 5), {
    exact: true,
    contentTokens: 1,
    correctContentTokens: 1,
  });
});

test.run();
