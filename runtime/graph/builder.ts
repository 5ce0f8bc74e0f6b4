/** Builds graphs, checking shapes as it goes. One method an op; the op table says what each computes. */
import { GraphError } from "./errors.js";
import { type OpName, ops } from "./ops/index.js";
import { eliminateDeadCode } from "./passes/dead-code.js";
import { elementCount, normalizeAxis, sameShape } from "./shapes.js";
import type { Attributes, DType, Graph, LeafKind, Shape, Tensor, TypedArray } from "./types.js";

/** An operand of arithmetic: a number stands for a scalar constant. */
export type Operand = Tensor | number;

/**
 * Makes tensors of one graph. Every method throws a `GraphError` that names the op and the shapes when the inputs do not fit.
 * Axes may be negative (counted from the back) wherever a method takes one.
 */
export class GraphBuilder {
  #nextId: number;
  readonly #named = new Map<string, Tensor>();
  readonly #scalars = new Map<number, Tensor>();

  /** `firstId`: where ids begin. A pass that adds to an existing graph starts above that graph's ids. */
  constructor(firstId = 0) {
    this.#nextId = firstId;
  }

  // Leaves ---------------------------------------------------------------------------------------------------------------

  /** A value known now. An `Int32Array` makes an i32 tensor, anything else f32. The data is not copied: do not change it. */
  constant(data: TypedArray | readonly number[], shape: Shape): Tensor {
    const value = Array.isArray(data) ? Float64Array.from(data) : (data as TypedArray);
    if (value.length !== elementCount(shape))
      throw new GraphError("constant", [], `${value.length} values for shape [${shape.join(", ")}]`);
    return this.#make("constant", [], { value }, shape, value instanceof Int32Array ? "i32" : "f32");
  }

  /** A scalar f32 constant; the same number gives the same tensor. */
  scalar(value: number): Tensor {
    const known = this.#scalars.get(value);
    if (known !== undefined && !Object.is(value, -0)) return known;
    const made = this.constant(Float64Array.of(value), []);
    this.#scalars.set(value, made);
    return made;
  }

  /** f32 zeros, stored as one number. */
  zeros(shape: Shape): Tensor {
    return this.broadcastTo(this.scalar(0), shape);
  }

  /** A value fed with every run. Asking again for a name gives the same tensor; a different shape or dtype throws. */
  input(name: string, shape: Shape, dtype: DType = "f32"): Tensor {
    return this.#leaf("input", name, shape, dtype);
  }

  /** A frozen f32 tensor of the backbone, by its name in the weight store. The same name gives the same tensor. */
  weight(name: string, shape: Shape): Tensor {
    return this.#leaf("weight", name, shape, "f32");
  }

  /** An f32 value that lives in the executable between runs, zeros at first. The same name gives the same tensor. */
  state(name: string, shape: Shape): Tensor {
    return this.#leaf("state", name, shape, "f32");
  }

  // Arithmetic, with numpy broadcasting ------------------------------------------------------------------------------------

  add(x: Operand, y: Operand): Tensor {
    return this.#binary("add", x, y);
  }
  sub(x: Operand, y: Operand): Tensor {
    return this.#binary("sub", x, y);
  }
  mul(x: Operand, y: Operand): Tensor {
    return this.#binary("mul", x, y);
  }
  div(x: Operand, y: Operand): Tensor {
    return this.#binary("div", x, y);
  }
  maximum(x: Operand, y: Operand): Tensor {
    return this.#binary("maximum", x, y);
  }
  minimum(x: Operand, y: Operand): Tensor {
    return this.#binary("minimum", x, y);
  }
  /** f32: 1 where x >= y, else 0. Two f32 or two i32 operands. No gradient. */
  greaterEqual(x: Operand, y: Operand): Tensor {
    return this.#binary("greaterEqual", x, y);
  }
  /** f32: 1 where x = y, else 0. Two f32 or two i32 operands. No gradient. */
  equal(x: Operand, y: Operand): Tensor {
    return this.#binary("equal", x, y);
  }

  // Functions of one variable ----------------------------------------------------------------------------------------------

  neg(x: Tensor): Tensor {
    return this.apply("neg", [x]);
  }
  exp(x: Tensor): Tensor {
    return this.apply("exp", [x]);
  }
  log(x: Tensor): Tensor {
    return this.apply("log", [x]);
  }
  sqrt(x: Tensor): Tensor {
    return this.apply("sqrt", [x]);
  }
  tanh(x: Tensor): Tensor {
    return this.apply("tanh", [x]);
  }
  sigmoid(x: Tensor): Tensor {
    return this.apply("sigmoid", [x]);
  }
  erf(x: Tensor): Tensor {
    return this.apply("erf", [x]);
  }
  /** x Φ(x), exact (erf), not the tanh approximation. */
  gelu(x: Tensor): Tensor {
    return this.apply("gelu", [x]);
  }
  geluGrad(x: Tensor, g: Tensor): Tensor {
    return this.apply("geluGrad", [x, g]);
  }
  silu(x: Tensor): Tensor {
    return this.apply("silu", [x]);
  }
  siluGrad(x: Tensor, g: Tensor): Tensor {
    return this.apply("siluGrad", [x, g]);
  }
  /** i32 to f32. */
  cast(x: Tensor): Tensor {
    return this.apply("cast", [x]);
  }
  /** The value of x, as a constant to differentiation. */
  stopGradient(x: Tensor): Tensor {
    return this.apply("stopGradient", [x]);
  }

  // Reductions -------------------------------------------------------------------------------------------------------------

  sum(x: Tensor, axes: readonly number[], keepDims = false): Tensor {
    return this.#reduction("sum", x, axes, keepDims);
  }
  max(x: Tensor, axes: readonly number[], keepDims = false): Tensor {
    return this.#reduction("max", x, axes, keepDims);
  }
  mean(x: Tensor, axes: readonly number[], keepDims = false): Tensor {
    const total = this.sum(x, axes, keepDims);
    return this.mul(total, elementCount(total.shape) / elementCount(x.shape));
  }
  /** i32 index of the largest value along the last axis: [..., n] -> [...]. */
  argmax(x: Tensor): Tensor {
    return this.apply("argmax", [x]);
  }

  // Linear algebra ---------------------------------------------------------------------------------------------------------

  /** [..., m, k] x [..., k, n] -> [..., m, n]. A transpose flag swaps the operand's last two axes first. */
  matmul(
    x: Tensor,
    y: Tensor,
    { transposeA = false, transposeB = false }: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
  ): Tensor {
    return this.apply("matmul", [x, y], { transposeA, transposeB });
  }

  // Moving values ----------------------------------------------------------------------------------------------------------

  reshape(x: Tensor, shape: Shape): Tensor {
    if (sameShape(x.shape, shape)) return x;
    // Of several reshapes in a row only the last matters.
    return this.apply("reshape", [x.op === "reshape" ? x.inputs[0]! : x], { shape });
  }
  /** Axis i of the result is axis perm[i] of x. */
  transpose(x: Tensor, perm: readonly number[]): Tensor {
    return perm.length === x.shape.length && perm.every((axis, index) => axis === index)
      ? x
      : this.apply("transpose", [x], { perm });
  }
  /** Elements start (inclusive) to end (exclusive) along an axis. */
  slice(x: Tensor, axis: number, start: number, end: number): Tensor {
    const front = this.#axis("slice", x, axis);
    return start === 0 && end === x.shape[front] ? x : this.apply("slice", [x], { axis: front, start, end });
  }
  concat(xs: readonly Tensor[], axis: number): Tensor {
    return xs.length === 1
      ? xs[0]!
      : this.apply("concat", xs, { axis: xs.length === 0 ? 0 : this.#axis("concat", xs[0]!, axis) });
  }
  broadcastTo(x: Tensor, shape: Shape): Tensor {
    return sameShape(x.shape, shape) ? x : this.apply("broadcastTo", [x], { shape });
  }
  /** Zeros before and after x along an axis. */
  pad(x: Tensor, axis: number, before: number, after: number): Tensor {
    const front = this.#axis("pad", x, axis);
    return before === 0 && after === 0 ? x : this.apply("pad", [x], { axis: front, before, after });
  }

  /** The value of x, computed only when `trigger` is there. */
  after(x: Tensor, trigger: Tensor): Tensor {
    return this.apply("after", [x, trigger]);
  }

  // Indices ----------------------------------------------------------------------------------------------------------------

  /** (table [n, ...rest], indices i32 [...]) -> [...indices, ...rest]. Indices must be within 0..n-1. */
  gather(table: Tensor, indices: Tensor): Tensor {
    return this.apply("gather", [table, indices]);
  }
  /** (indices i32 [...], updates [...indices, ...rest]) -> [rows, ...rest]; updates to one row are added up. */
  scatterAdd(rows: number, indices: Tensor, updates: Tensor): Tensor {
    return this.apply("scatterAdd", [indices, updates], { rows });
  }
  /** i32 [...] -> f32 [..., depth]. */
  oneHot(indices: Tensor, depth: number): Tensor {
    return this.apply("oneHot", [indices], { depth });
  }

  // Normalisation over the last axis, and the loss ---------------------------------------------------------------------------

  softmax(x: Tensor): Tensor {
    return this.apply("softmax", [x]);
  }
  softmaxGrad(y: Tensor, g: Tensor): Tensor {
    return this.apply("softmaxGrad", [y, g]);
  }
  layerNorm(x: Tensor, gamma: Tensor, beta: Tensor, eps: number): Tensor {
    return this.apply("layerNorm", [x, gamma, beta], { eps });
  }
  layerNormGrad(x: Tensor, gamma: Tensor, g: Tensor, eps: number): Tensor {
    return this.apply("layerNormGrad", [x, gamma, g], { eps });
  }
  rmsNorm(x: Tensor, gamma: Tensor, eps: number): Tensor {
    return this.apply("rmsNorm", [x, gamma], { eps });
  }
  rmsNormGrad(x: Tensor, gamma: Tensor, g: Tensor, eps: number): Tensor {
    return this.apply("rmsNormGrad", [x, gamma, g], { eps });
  }
  /** (logits [N, V], labels i32 [N]) -> [N], one loss a token. Labels must be valid ids: weight unwanted tokens with 0. */
  crossEntropy(logits: Tensor, labels: Tensor): Tensor {
    return this.apply("crossEntropy", [logits, labels]);
  }

  // ------------------------------------------------------------------------------------------------------------------------

  /** Adds any op of the table. The methods above are the readable form of this. */
  apply(op: OpName, inputs: readonly Tensor[], attributes: Attributes = {}): Tensor {
    const inferred = ops[op].infer(inputs, attributes);
    if (typeof inferred === "string") throw new GraphError(op, inputs, inferred);
    return this.#make(op, inputs, attributes, inferred.shape, inferred.dtype);
  }

  /** Closes the graph: what does not lead to an output or an update is gone. Update keys are names of `state` leaves. */
  finish(outputs: Readonly<Record<string, Tensor>>, updates: Readonly<Record<string, Tensor>> = {}): Graph {
    for (const [name, value] of Object.entries(updates)) {
      const state = this.#named.get(name);
      if (state?.op !== "state") throw new GraphError("finish", [value], `there is no state named ${name} to update`);
      if (!sameShape(state.shape, value.shape) || value.dtype !== state.dtype)
        throw new GraphError("finish", [state, value], `the update of ${name} has another shape or dtype`);
    }
    return eliminateDeadCode({ outputs, updates });
  }

  #leaf(kind: Exclude<LeafKind, "constant">, name: string, shape: Shape, dtype: DType): Tensor {
    const known = this.#named.get(name);
    if (known === undefined) {
      const made = this.#make(kind, [], {}, shape, dtype, name);
      this.#named.set(name, made);
      return made;
    }
    if (known.op !== kind || known.dtype !== dtype || !sameShape(known.shape, shape))
      throw new GraphError(
        kind,
        [known],
        `the name ${name} is taken by ${known.op === "input" ? "an" : "a"} ${known.op}; asked for ${dtype}[${shape.join(", ")}]`,
      );
    return known;
  }

  #binary(op: OpName, x: Operand, y: Operand): Tensor {
    return this.apply(
      op,
      [x, y].map((operand) => (typeof operand === "number" ? this.scalar(operand) : operand)),
    );
  }

  #reduction(op: OpName, x: Tensor, axes: readonly number[], keepDims: boolean): Tensor {
    const fronts = [...new Set(axes.map((axis) => this.#axis(op, x, axis)))].sort((a, b) => a - b);
    return fronts.length === 0 ? x : this.apply(op, [x], { axes: fronts, keepDims });
  }

  #axis(op: string, x: Tensor, axis: number): number {
    const front = normalizeAxis(axis, x.shape.length);
    if (front === undefined) throw new GraphError(op, [x], `there is no axis ${axis}`);
    return front;
  }

  #make(
    op: Tensor["op"],
    inputs: readonly Tensor[],
    attributes: Attributes,
    shape: Shape,
    dtype: DType,
    name?: string,
  ): Tensor {
    const tensor = { id: this.#nextId++, op, inputs, attributes, shape, dtype };
    return name === undefined ? tensor : { ...tensor, name };
  }
}
