/** The engine's side of its thread: asks, waits for the answer, and says what happened when the thread ends. */
import { Worker } from "node:worker_threads";
import { DeviceFailure } from "./device/failure.js";
import type { Answer, Ask, CallName, Reply, Request, Start } from "./protocol.js";

interface Waiting {
  readonly answered: (reply: Reply) => void;
  readonly failed: (cause: Error) => void;
}

/** A thread with one backend. It keeps the process alive only while it has something to answer. */
export class DeviceThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #ended: DeviceFailure | undefined;

  constructor(start: Start) {
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: start });
    this.#worker.unref();
    this.#worker.on("message", (reply: Reply) => {
      this.#waiting.shift()!.answered(reply);
      if (this.#waiting.length === 0) this.#worker.unref();
    });
    this.#worker.on("error", (cause) => this.#end(cause.message));
    this.#worker.on("exit", (code) => this.#end(`its thread ended with status ${code}`));
  }

  #end(message: string): void {
    this.#ended ??= new DeviceFailure("lost", message);
    for (const { failed } of this.#waiting.splice(0)) failed(this.#ended);
  }

  /** Rejects with a `DeviceFailure`. */
  async ask<Name extends CallName>(call: Name, ask: Ask<Name>): Promise<Answer<Name>> {
    if (this.#ended !== undefined) throw this.#ended;
    this.#worker.ref();
    const request: Request<Name> = { call, ask };
    const reply = await new Promise<Reply>((answered, failed) => {
      this.#waiting.push({ answered, failed });
      this.#worker.postMessage(request);
    });
    if (!reply.ok) throw new DeviceFailure(reply.kind, reply.message);
    return reply.answer as Answer<Name>;
  }

  /** Ends it, whatever it is doing. */
  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
