/** Ctrl-C and SIGTERM ask a run to stop after what it is doing; a second one ends the process at once. */
import { EXIT, type ExitStatus } from "../exit-status.js";

export interface StopSignal {
  readonly signal: AbortSignal;
  /** The exit status that belongs to what arrived; undefined while nothing has. */
  received(): ExitStatus | undefined;
  /** Gives the signals back to Node. */
  release(): void;
}

const STATUS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

/** `onFirst` is called when the first signal arrives. */
export function listenForStop(onFirst: () => void): StopSignal {
  const controller = new AbortController();
  let received: ExitStatus | undefined;
  const listener = (name: NodeJS.Signals) => {
    const status = STATUS[name as keyof typeof STATUS];
    // A run that is killed here goes on from its last checkpoint, as after kill -9.
    if (received !== undefined) process.exit(status);
    received = status;
    onFirst();
    controller.abort();
  };
  for (const name of Object.keys(STATUS)) process.on(name, listener);
  return {
    signal: controller.signal,
    received: () => received,
    release: () => {
      for (const name of Object.keys(STATUS)) process.off(name, listener);
    },
  };
}
