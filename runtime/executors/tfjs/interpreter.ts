/** Runs a program op by op on the current backend. Everything between awaits is synchronous; calls must not overlap. */
import type { OpName } from "../../graph/ops/index.js";
import type { HostTensor, TypedArray } from "../../graph/types.js";
import type { Feeds, Fetches } from "../executor.js";
import { type Lowering, list, type Tf, type TfTensor } from "./lowering/lowering.js";
import type { Instruction, Program } from "./program.js";

const DTYPES = { f32: "float32", i32: "int32" } as const;

/** One loaded program: its weights and states, on the device. */
export class Interpreter {
  /** By slot, what the prelude made and the steps read. */
  readonly #fixed: (TfTensor | undefined)[];
  readonly #states = new Map<string, TfTensor>();
  /** How far the prelude has come. */
  #loaded = 0;

  constructor(
    private readonly tf: Tf,
    private readonly lowerings: Readonly<Record<OpName, Lowering>>,
    private readonly program: Program,
  ) {
    this.#fixed = new Array(program.slots).fill(undefined);
    for (const [name, shape] of program.states) this.#states.set(name, tf.zeros(list(shape)));
    this.#prelude();
  }

  /** The weight that the prelude waits for; `undefined` when it is through. */
  get awaited(): string | undefined {
    return this.program.prelude[this.#loaded]?.name;
  }

  /** The awaited weight's values. Goes on with the prelude, which frees those that were only needed in another layout. */
  load(values: Float32Array): void {
    const weight = this.program.prelude[this.#loaded++]!;
    this.#fixed[weight.slot] = this.tf.tensor(values, list(weight.shape), "float32");
    this.#prelude();
  }

  #prelude(): void {
    for (; this.#loaded < this.program.prelude.length; this.#loaded++) {
      const instruction = this.program.prelude[this.#loaded]!;
      if (instruction.op === "weight") return;
      this.#fixed[instruction.slot] = this.#computed(instruction, this.#fixed);
      for (const slot of instruction.release) {
        this.#fixed[slot]!.dispose();
        this.#fixed[slot] = undefined;
      }
    }
  }

  /** A constant, or an op's result: a tensor of its own, never one of the inputs. */
  #computed(instruction: Instruction, values: readonly (TfTensor | undefined)[]): TfTensor {
    const { op, shape, dtype, attributes } = instruction;
    if (op === "constant") return hostTensor(this.tf, { shape, dtype, data: attributes.value as TypedArray });
    const inputs = instruction.inputs.map((slot) => values[slot]!);
    const result = this.lowerings[op as OpName](this.tf, inputs, instruction);
    return inputs.includes(result) ? this.tf.clone(result) : result;
  }

  /** One run. Where it fails, states stay as they were. */
  async run(feeds: Feeds): Promise<Fetches> {
    const values = this.#fixed.slice();
    const own = new Set<number>();
    const next = new Map<string, TfTensor>();
    try {
      for (const instruction of this.program.steps) {
        const { slot, op, name, release } = instruction;
        if (op === "state") values[slot] = this.#states.get(name!)!;
        else {
          values[slot] = op === "input" ? hostTensor(this.tf, feeds[name!]!) : this.#computed(instruction, values);
          own.add(slot);
        }
        for (const unread of release) {
          values[unread]!.dispose();
          own.delete(unread);
        }
      }
      for (const [name, slot] of this.program.updates) next.set(name, this.tf.clone(values[slot]!));
      const fetches = await Promise.all(
        this.program.outputs.map(async ([name, slot]) => [name, await hostValue(values[slot]!)] as const),
      );
      for (const [name, state] of next) {
        this.#states.get(name)!.dispose();
        this.#states.set(name, state);
      }
      next.clear();
      return Object.fromEntries(fetches);
    } finally {
      for (const state of next.values()) state.dispose();
      for (const slot of own) values[slot]!.dispose();
    }
  }

  async readState(name: string): Promise<TypedArray> {
    return (await hostValue(this.#states.get(name)!)).data;
  }

  writeState(name: string, data: TypedArray): void {
    const before = this.#states.get(name)!;
    this.#states.set(name, hostTensor(this.tf, { shape: before.shape, dtype: "f32", data }));
    before.dispose();
  }

  dispose(): void {
    for (const tensor of [...this.#fixed, ...this.#states.values()]) tensor?.dispose();
    this.#fixed.fill(undefined);
    this.#states.clear();
  }
}

function hostTensor(tf: Tf, { shape, dtype, data }: HostTensor): TfTensor {
  return tf.tensor(data instanceof Float64Array ? Float32Array.from(data) : data, list(shape), DTYPES[dtype]);
}

/** A copy: the cpu backend gives the very array it computes with. */
async function hostValue(tensor: TfTensor): Promise<HostTensor> {
  const data = (await tensor.data()).slice() as Float32Array | Int32Array;
  return { shape: tensor.shape, dtype: tensor.dtype === "int32" ? "i32" : "f32", data };
}
