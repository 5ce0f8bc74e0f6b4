/** The main thread's end of the worker: calls as promises. The process may end while nothing is asked. */
import { Worker } from "node:worker_threads";
import { ExecutionError } from "../errors.js";
import type { Answer, Calls, Kind, Request } from "./messages.js";

/** An error of TensorFlow or of loading it, in its own words; callers say what was being done. */
export class TensorflowFailure extends Error {
  override readonly name = "TensorflowFailure";
}

interface Waiting {
  readonly give: (value: never) => void;
  readonly fail: (cause: Error) => void;
}

/** A worker with the addon in it. */
export class TensorflowClient {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #dead: Error | undefined;

  constructor() {
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { name: "tensorflow", execArgv: [] });
    this.#worker.unref();
    this.#worker.on("message", (answer: Answer) => this.#hear(answer));
    this.#worker.on("error", (cause: Error) => this.#die(`its thread failed: ${cause.message}`, cause));
    this.#worker.on("exit", () => this.#die("its thread has ended"));
  }

  /** Rejects with a `TensorflowFailure` when TensorFlow refuses, with an `ExecutionError` when the worker is gone. */
  call<K extends Kind>(kind: K, takes: Calls[K]["takes"]): Promise<Calls[K]["gives"]> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    const id = this.#asked++;
    const request: Request<K> = { id, kind, takes };
    return new Promise((give, fail) => {
      this.#waiting.set(id, { give: give as Waiting["give"], fail });
      // Only while an answer is due does the worker keep the process alive.
      this.#worker.ref();
      this.#worker.postMessage(request);
    });
  }

  /** Ends the worker; calls that wait are rejected. */
  async end(): Promise<void> {
    // Without that, a process with nothing else to do would be over before the worker is.
    this.#worker.ref();
    await this.#worker.terminate();
  }

  #hear(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ("failed" in answer) waiting?.fail(new TensorflowFailure(answer.failed));
    else waiting?.give(answer.gives as never);
  }

  #die(how: string, cause?: Error): void {
    this.#dead ??= new ExecutionError(`tensorflow does not answer: ${how}`, {
      remedy: "Run the command again: a run goes on from its last checkpoint. If it happens again, use another engine.",
      cause,
    });
    for (const { fail } of this.#waiting.values()) fail(this.#dead);
    this.#waiting.clear();
  }
}
