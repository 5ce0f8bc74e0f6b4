/** PyTorch with PEFT in a process of its own: asks bench/step_peer.py and hears what it measured. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pythonWithHuggingFace } from "../tools/python-environment.js";

export interface Peer {
  /** Sends one command; rejects when the process has ended. */
  ask<T>(command: Readonly<Record<string, unknown>>): Promise<T>;
  close(): void;
}

/** Where and in what PyTorch computes, as bench/step_peer.py takes it. */
export interface PeerOptions {
  readonly device?: string | undefined;
  readonly precision?: string | undefined;
}

/** Starts the peer; `threads` holds for PyTorch as for us. */
export function startPeer(threads: number, { device = "cpu", precision = "f32" }: PeerOptions = {}): Peer {
  const script = [join("bench", "step_peer.py"), "--device", device, "--precision", precision];
  const child = spawn(pythonWithHuggingFace(), script, {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async <T>(command: Readonly<Record<string, unknown>>): Promise<T> => {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("the Python peer ended; see its message above");
      return JSON.parse(value) as T;
    },
    close: () => child.stdin.end(),
  };
}
