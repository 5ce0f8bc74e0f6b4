/**
 * Gets the backbone's weights into variables, once, when a model is opened. Small ones are fed. Large ones never pass through this
 * process's JavaScript: nodes of the graph read the byte range from their .safetensors file. One after the other, so that no more than one
 * weight exists twice. They keep the element type they have in the file.
 */
import type { StorageDType, WeightStore } from "../../formats/weights.js";
import { elementCount } from "../../graph/shapes.js";
import type { HostTensor, Tensor } from "../../graph/types.js";
import { type GraphEmitter, HOST } from "./emitter.js";
import { DataType, type DataTypeCode } from "./proto.js";
import { decoded, RangeReader } from "./range-reader.js";

/** Weights of all together at most this many bytes are fed, in f32. */
export const FED_BYTES = 64 << 20;

/** How an element of a file is seen, and whether a variable keeps it so; others become f32. */
const STORED: Record<StorageDType, { readonly type: DataTypeCode; readonly kept: boolean }> = {
  F32: { type: DataType.FLOAT, kept: true },
  F16: { type: DataType.HALF, kept: true },
  BF16: { type: DataType.BFLOAT16, kept: true },
  I64: { type: DataType.INT64, kept: false },
  I32: { type: DataType.INT32, kept: false },
  U8: { type: DataType.UINT8, kept: false },
  BOOL: { type: DataType.UINT8, kept: false },
};

/** A weight in a variable. */
export interface LoadedWeight {
  /** The value of the variable. */
  readonly value: string;
  readonly type: DataTypeCode;
}

export interface LoadedWeights {
  readonly weights: ReadonlyMap<string, LoadedWeight>;
  /** What is fed when the model is opened, by placeholder. */
  readonly feeds: ReadonlyMap<string, HostTensor>;
  /** Nodes that must have run before the first step. */
  readonly loaders: readonly string[];
}

/** `narrow`: the weights that are wanted as bf16, whatever they are in the file. */
export function emitWeights(
  emit: GraphEmitter,
  leaves: ReadonlyMap<string, Tensor>,
  store: WeightStore | undefined,
  narrow: ReadonlySet<string>,
): LoadedWeights {
  const weights = new Map<string, LoadedWeight>();
  const feeds = new Map<string, HostTensor>();
  const loaders: string[] = [];
  const total = [...leaves.values()].reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
  const files = new RangeReader(emit);
  for (const [name, { shape }] of leaves) {
    const info = store!.info(name);
    const inFile = total > FED_BYTES;
    const source = inFile ? STORED[info.dtype] : STORED.F32;
    const type = narrow.has(name) ? DataType.BFLOAT16 : source.kept ? source.type : DataType.FLOAT;
    const handle = variable(emit, `weight/${weights.size}`, shape, type);
    weights.set(name, { value: emit.own("ReadVariableOp", [handle], { dtype: { type } }), type });
    let value: string;
    if (inFile) {
      const { bytes, closed } = files.read(info.file, info.byteOffset, info.byteLength, loaders.at(-1));
      loaders.push(closed);
      value = decoded(emit, bytes, shape, source.type);
    } else {
      const placeholder = emit.own("Placeholder", [], { dtype: { type: DataType.FLOAT }, shape: { shape } });
      feeds.set(placeholder, { shape, dtype: "f32", data: store!.read(name) });
      value = ownCopy(emit, placeholder);
    }
    loaders.push(assign(emit, handle, converted(emit, value, source.type, type), type));
  }
  return { weights, feeds, loaders };
}

function converted(emit: GraphEmitter, value: string, from: DataTypeCode, to: DataTypeCode): string {
  if (from === to) return value;
  const types = { SrcT: { type: from }, DstT: { type: to }, Truncate: { bool: false } };
  return emit.own("Cast", [value], types, { device: HOST });
}

/** A variable of the model; returns its handle. */
export function variable(emit: GraphEmitter, name: string, shape: readonly number[], type: DataTypeCode): string {
  const attributes = { container: { string: "" }, shared_name: { string: name }, dtype: { type }, shape: { shape } };
  return emit.own("VarHandleOp", [], attributes);
}

/** Gives a variable a value, once the nodes in `after` have run. */
export function assign(
  emit: GraphEmitter,
  handle: string,
  value: string,
  type: DataTypeCode,
  after: readonly string[] = [],
): string {
  return emit.own("AssignVariableOp", [handle, value], { dtype: { type } }, { after });
}

/**
 * A copy of a fed f32 value. A variable would otherwise hold on to memory of the JavaScript heap and let go of it on a thread where that
 * is not allowed.
 */
export const ownCopy = (emit: GraphEmitter, value: string): string =>
  emit.own("DeepCopy", [value], { T: { type: DataType.FLOAT } });
