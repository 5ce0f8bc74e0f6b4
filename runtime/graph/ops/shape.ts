/** Ops that move values without changing them. */
import { elementCount, sameShape } from "../shapes.js";
import { copyBytes, listOf, noBytes, noFlops, numberOf, rule } from "./rule.js";

const replaceAxis = (shape: readonly number[], axis: number, size: number): number[] =>
  shape.map((dimension, index) => (index === axis ? size : dimension));

export const shape = {
  reshape: rule({
    infer: ([x], attributes) => {
      const target = listOf(attributes, "shape");
      return elementCount(target) === elementCount(x!.shape) && target.every((d) => Number.isInteger(d) && d >= 0)
        ? { shape: target, dtype: x!.dtype }
        : `does not hold as many elements as [${target.join(", ")}]`;
    },
    vjp: (b, g, { inputs: [x] }) => [() => b.reshape(g, x!.shape)],
    flops: noFlops,
    bytes: noBytes,
  }),
  /** Axis `i` of the result is axis `perm[i]` of the input. */
  transpose: rule({
    infer: ([x], attributes) => {
      const perm = listOf(attributes, "perm");
      const sorted = [...perm].sort((a, b) => a - b);
      return sameShape(
        sorted,
        x!.shape.map((_, axis) => axis),
      )
        ? { shape: perm.map((axis) => x!.shape[axis]!), dtype: x!.dtype }
        : `[${perm.join(", ")}] is not a permutation of its axes`;
    },
    vjp: (b, g, node) => [
      () => {
        const perm = listOf(node.attributes, "perm");
        return b.transpose(
          g,
          perm.map((_, axis) => perm.indexOf(axis)),
        );
      },
    ],
    flops: noFlops,
  }),
  /** Elements `start` (inclusive) to `end` (exclusive) along `axis`. */
  slice: rule({
    infer: ([x], attributes) => {
      const [axis, start, end] = [
        numberOf(attributes, "axis"),
        numberOf(attributes, "start"),
        numberOf(attributes, "end"),
      ];
      const size = x!.shape[axis]!;
      return start >= 0 && start < end && end <= size
        ? { shape: replaceAxis(x!.shape, axis, end - start), dtype: x!.dtype }
        : `range ${start}..${end} is not within axis ${axis} of size ${size}`;
    },
    vjp: (b, g, node) => [
      () => {
        const axis = numberOf(node.attributes, "axis");
        const end = numberOf(node.attributes, "end");
        return b.pad(g, axis, numberOf(node.attributes, "start"), node.inputs[0]!.shape[axis]! - end);
      },
    ],
    flops: noFlops,
    bytes: copyBytes,
  }),
  concat: rule({
    infer: (inputs, attributes) => {
      const axis = numberOf(attributes, "axis");
      const first = inputs[0];
      if (first === undefined) return "needs at least one input";
      const fits = inputs.every(
        (x) =>
          x.dtype === first.dtype &&
          sameShape(replaceAxis(x.shape, axis, 0), replaceAxis(first.shape, axis, 0)) &&
          axis < x.shape.length,
      );
      return fits
        ? {
            shape: replaceAxis(
              first.shape,
              axis,
              inputs.reduce((n, x) => n + x.shape[axis]!, 0),
            ),
            dtype: first.dtype,
          }
        : `inputs differ in more than axis ${axis}`;
    },
    vjp: (b, g, node) => {
      const axis = numberOf(node.attributes, "axis");
      let offset = 0;
      return node.inputs.map((x) => {
        const start = offset;
        offset += x.shape[axis]!;
        return () => b.slice(g, axis, start, start + x.shape[axis]!);
      });
    },
    flops: noFlops,
  }),
  /** Zeros `before` and `after` along one axis. */
  pad: rule({
    infer: ([x], attributes) => {
      const [axis, before, after] = [
        numberOf(attributes, "axis"),
        numberOf(attributes, "before"),
        numberOf(attributes, "after"),
      ];
      return before >= 0 && after >= 0
        ? { shape: replaceAxis(x!.shape, axis, before + x!.shape[axis]! + after), dtype: x!.dtype }
        : "padding is negative";
    },
    vjp: (b, g, node) => [
      () => {
        const axis = numberOf(node.attributes, "axis");
        const before = numberOf(node.attributes, "before");
        return b.slice(g, axis, before, before + node.inputs[0]!.shape[axis]!);
      },
    ],
    flops: noFlops,
  }),
  /**
   * (x, trigger) -> x, computed only when the trigger is there: what depends on it is not computed before. Passes put it where a value is to
   * be computed late; engines that run nodes in the graph's order need do nothing. The trigger is not differentiated.
   */
  after: rule({
    infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
    vjp: (_b, g) => [() => g, null],
    flops: noFlops,
    bytes: noBytes,
  }),
} as const;
