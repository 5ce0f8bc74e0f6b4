/** What the layers of a backbone need while its graph is built: the builder, parameters by name, adapted linear modules. */
import type { GraphBuilder } from "../graph/builder.js";
import type { Shape, Tensor } from "../graph/types.js";
import type { BackboneDescription, LinearHook, LinearModule, ParameterSource } from "./backbone.js";

/**
 * A forward pass under construction: `parameter(name)` gives a parameter's leaf, `linear(path, x)` a module's output
 * with its adapter.
 */
export class ForwardPass {
  readonly builder: GraphBuilder;
  readonly #parameters: ParameterSource;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #modules: ReadonlyMap<string, LinearModule>;
  readonly #hook: LinearHook;

  constructor(
    builder: GraphBuilder,
    description: BackboneDescription,
    shapes: ReadonlyMap<string, Shape>,
    parameters: ParameterSource,
    hook: LinearHook,
  ) {
    this.builder = builder;
    this.#parameters = parameters;
    this.#shapes = shapes;
    this.#modules = new Map(description.modules.map((module) => [module.path, module]));
    this.#hook = hook;
  }

  /** The parameter of that canonical name. */
  parameter(name: string): Tensor {
    return this.#parameters(name, this.#shapes.get(name)!);
  }

  /** x [batch, ..., in] through the module at `path`, adapter included: [batch, ..., out]. Adds the bias where the model has one. */
  linear(path: string, x: Tensor): Tensor {
    const b = this.builder;
    const plain = b.matmul(x, this.parameter(`${path}.weight`), { transposeB: true });
    const y = this.#shapes.has(`${path}.bias`) ? b.add(plain, this.parameter(`${path}.bias`)) : plain;
    const module = this.#modules.get(path);
    return module === undefined ? y : this.#hook(module, x, y);
  }

  /** LayerNorm over the last axis. */
  layerNorm(path: string, x: Tensor, eps: number): Tensor {
    return this.builder.layerNorm(x, this.parameter(`${path}.weight`), this.parameter(`${path}.bias`), eps);
  }

  /** RMSNorm over the last axis. */
  rmsNorm(path: string, x: Tensor, eps: number): Tensor {
    return this.builder.rmsNorm(x, this.parameter(`${path}.weight`), eps);
  }

  /** x times tanh of a gate of shape [1]. */
  gated(gate: string, x: Tensor): Tensor {
    return this.builder.mul(x, this.builder.tanh(this.parameter(gate)));
  }
}
