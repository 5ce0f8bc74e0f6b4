/**
 * The op table. A row holds an op's shape rule, its gradient rule and its costs. To add an op: add a row, a method on the builder,
 * a kernel or lowering in each engine and a case in test/graph/gradients.test.ts; the compiler and that test name what is missing.
 */
import type { Tensor } from "../types.js";
import { elementwise } from "./elementwise.js";
import { indexOps } from "./index-ops.js";
import { linear } from "./linear.js";
import { loss } from "./loss.js";
import { normalise } from "./normalise.js";
import { reduce } from "./reduce.js";
import { noBytes, type OpRule } from "./rule.js";
import { shape } from "./shape.js";

export const ops = { ...elementwise, ...reduce, ...linear, ...shape, ...indexOps, ...normalise, ...loss } as const;

export type OpName = keyof typeof ops;
export const opNames = Object.keys(ops) as readonly OpName[];

/** Whether a tensor is computed by an op, and not a leaf. */
export function isOp(tensor: Tensor): tensor is Tensor & { readonly op: OpName } {
  return tensor.op in ops;
}

/** The rule of a computed tensor; `undefined` for leaves. */
export function ruleOf(tensor: Tensor): OpRule | undefined {
  return isOp(tensor) ? ops[tensor.op] : undefined;
}

/** Floating-point operations of one evaluation of a tensor, without its inputs. */
export function flopsOf(tensor: Tensor): number {
  return ruleOf(tensor)?.flops(tensor) ?? 0;
}

/** Bytes that one evaluation of a tensor reads and writes. */
export function bytesMovedBy(tensor: Tensor): number {
  return ruleOf(tensor)?.bytes(tensor) ?? 0;
}

/** Whether an op's result is its first input's buffer, under another shape or at another time. */
export function isAlias(tensor: Tensor): boolean {
  return ruleOf(tensor)?.bytes === noBytes;
}
