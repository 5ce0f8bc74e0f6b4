/** The two sides of a benchmark: an engine of ours, and PyTorch in a process of its own, with the options that both benchmarks take. */
import { availableParallelism, cpus } from "node:os";
import type { ParseArgsConfig } from "node:util";
import { type Executor, openExecutor } from "../runtime/executors/index.js";
import { type Peer, startPeer } from "./peer.js";

/** For `parseArgs`. */
export const SIDE_OPTIONS = {
  threads: { type: "string" },
  engine: { type: "string" },
  device: { type: "string" },
  "engine-option": { type: "string", multiple: true },
  "peer-device": { type: "string" },
  "peer-precision": { type: "string" },
  eager: { type: "boolean" },
} as const satisfies ParseArgsConfig["options"];

/** What `parseArgs` makes of them. */
export interface SideOptions {
  readonly threads?: string | undefined;
  readonly engine?: string | undefined;
  readonly device?: string | undefined;
  readonly "engine-option"?: string[] | undefined;
  readonly "peer-device"?: string | undefined;
  readonly "peer-precision"?: string | undefined;
  readonly eager?: boolean | undefined;
}

/** How PyTorch runs its model. */
export type PeerMode = "eager" | "compiled";

export interface Sides {
  readonly engine: Executor;
  readonly peer: Peer;
  readonly threads: number;
  readonly modes: readonly PeerMode[];
  /** Both sides' settings and versions in one line. */
  readonly title: string;
}

/** Opens both. Threads are 2 by default, or as many as the process may use. */
export async function openSides(options: SideOptions): Promise<Sides> {
  const threads = Number(options.threads ?? Math.min(2, availableParallelism()));
  const settings = options["engine-option"] ?? [];
  const engine = await openExecutor(options.engine ?? "onnx", {
    threads,
    ...(options.device === undefined ? {} : { device: options.device }),
    settings: Object.fromEntries(settings.map((setting) => setting.split("=", 2))),
  });
  const peer = startPeer(threads, { device: options["peer-device"], precision: options["peer-precision"] });
  const versions = await peer.ask<Readonly<Record<string, string>>>({ do: "versions" });
  return {
    engine,
    peer,
    threads,
    modes: options.eager === true ? ["eager"] : ["eager", "compiled"],
    title: [
      `${cpus()[0]?.model}, ${threads} threads`,
      [engine.description, ...settings].join(", "),
      JSON.stringify(versions),
    ].join("; "),
  };
}
