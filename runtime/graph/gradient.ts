/** Reverse-mode differentiation at build time: the gradient is more graph, and passes and engines see no difference. */
import type { GraphBuilder } from "./builder.js";
import { GraphError } from "./errors.js";
import { ruleOf } from "./ops/index.js";
import { numberOf } from "./ops/rule.js";
import { topologicalOrder } from "./rewrite.js";
import type { Tensor } from "./types.js";

/**
 * The gradients of a scalar `loss` with respect to `wrt`, each shaped like its tensor; zeros where the loss does not depend on
 * it. Only nodes on a path from `wrt` to `loss` are differentiated, so frozen weights and frozen branches cost nothing.
 * `wrt` may be any tensors, not only leaves; a tensor in `wrt` still passes its gradient on to those below it.
 * Throws a `GraphError` when the loss is not a scalar or a path leads through an op without a gradient rule.
 */
export function gradients(builder: GraphBuilder, loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0 || loss.dtype !== "f32")
    throw new GraphError("gradients", [loss], "the loss must be an f32 scalar");
  const order = topologicalOrder([loss]);
  const reached = new Set<Tensor>(wrt);
  for (const node of order) if (node.inputs.some((input) => reached.has(input))) reached.add(node);

  const contributions = new Map<Tensor, Tensor[]>([[loss, [builder.scalar(1)]]]);
  const totals = new Map<Tensor, Tensor>();
  for (const node of order.reverse()) {
    const parts = contributions.get(node);
    if (parts === undefined || !reached.has(node)) continue;
    const g = total(builder, parts);
    totals.set(node, g);
    const rule = ruleOf(node);
    if (rule === undefined || !node.inputs.some((input) => reached.has(input))) continue;
    if (typeof rule.vjp === "string") throw new GraphError(node.op, node.inputs, rule.vjp);
    const thunks = rule.vjp(builder, g, node);
    node.inputs.forEach((input, index) => {
      const thunk = thunks[index];
      if (thunk == null || !reached.has(input)) return;
      const known = contributions.get(input);
      if (known === undefined) contributions.set(input, [thunk()]);
      else known.push(thunk());
    });
  }
  return wrt.map((tensor) => totals.get(tensor) ?? builder.zeros(tensor.shape));
}

/** Adds up what the users of a tensor contribute. */
function total(builder: GraphBuilder, parts: readonly Tensor[]): Tensor {
  return joinPads(builder, parts).reduce((sum, part) => builder.add(sum, part));
}

/**
 * Slices of one tensor give gradients padded with zeros. Those along one axis that do not overlap are joined to one concatenation:
 * the gradient of a vector sliced into n pieces then costs its length once, not n times.
 */
function joinPads(builder: GraphBuilder, parts: readonly Tensor[]): readonly Tensor[] {
  const pads = parts.filter((part) => part.op === "pad");
  const axis = pads[0] === undefined ? 0 : numberOf(pads[0].attributes, "axis");
  const before = (pad: Tensor) => numberOf(pad.attributes, "before");
  const end = (pad: Tensor) => pad.shape[axis]! - numberOf(pad.attributes, "after");
  const sorted = pads.filter((pad) => pad.attributes.axis === axis).sort((a, b) => before(a) - before(b));
  if (sorted.length < 2) return parts;
  if (sorted.some((pad, index) => index > 0 && end(sorted[index - 1]!) > before(pad))) return parts;
  const pieces: Tensor[] = [];
  let filled = 0;
  const fillTo = (position: number, like: Tensor) => {
    if (position > filled)
      pieces.push(builder.zeros(like.shape.map((size, index) => (index === axis ? position - filled : size))));
    filled = position;
  };
  for (const pad of sorted) {
    fillTo(before(pad), pad);
    pieces.push(pad.inputs[0]!);
    filled = end(pad);
  }
  const last = sorted.at(-1)!;
  fillTo(last.shape[axis]!, last);
  return [...parts.filter((part) => !sorted.includes(part)), builder.concat(pieces, axis)];
}
