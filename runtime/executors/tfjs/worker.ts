/** The engine's thread: owns a backend of TensorFlow.js with its global state, and answers one request after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { isAllocationFailure } from "../errors.js";
import { DeviceFailure } from "./device/failure.js";
import { openDevice } from "./device/index.js";
import { Interpreter } from "./interpreter.js";
import type { Answer, Ask, CallName, Reply, Request, Start } from "./protocol.js";

const { device, threads } = workerData as Start;
const opened = openDevice(device, threads);
// Whoever asks first hears of a failure.
opened.catch(() => {});
const programs = new Map<number, Interpreter>();
let count = 0;
const program = (number: number): Interpreter => programs.get(number)!;

const handlers: { readonly [Name in CallName]: (ask: Ask<Name>) => Promise<Answer<Name>> } = {
  open: async () => (await opened).description,
  load: async (ask) => {
    const { tf, lowerings } = await opened;
    const interpreter = new Interpreter(tf, lowerings, ask.program);
    programs.set(count, interpreter);
    return { program: count++, awaited: interpreter.awaited };
  },
  weight: async (ask) => {
    program(ask.program).load(ask.values);
    return program(ask.program).awaited;
  },
  run: (ask) => program(ask.program).run(ask.feeds),
  readState: (ask) => program(ask.program).readState(ask.name),
  writeState: async (ask) => {
    program(ask.program).writeState(ask.name, ask.data);
    return null;
  },
  dispose: async (ask) => {
    program(ask.program).dispose();
    programs.delete(ask.program);
    return null;
  },
  tensors: async () => (await opened).tf.memory().numTensors,
};

async function reply({ call, ask }: Request): Promise<Reply> {
  try {
    const { guarded } = await opened;
    const handle = handlers[call] as (ask: unknown) => Promise<unknown>;
    return { ok: true, answer: await guarded(() => handle(ask)) };
  } catch (cause) {
    const { message } = cause as Error;
    if (cause instanceof DeviceFailure) return { ok: false, kind: cause.kind, message };
    return { ok: false, kind: isAllocationFailure(cause) ? "memory" : "other", message };
  }
}

let last: Promise<void> = Promise.resolve();
parentPort!.on("message", (request: Request) => {
  last = last.then(async () => parentPort!.postMessage(await reply(request)));
});
