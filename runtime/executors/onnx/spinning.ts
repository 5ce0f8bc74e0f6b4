/**
 * Whether threads of the engine wait by spinning. Between the ops of a step a thread waits for microseconds: sleeping costs a wake-up each
 * time, spinning costs other processes the core. Measured on 2 cores, Mllama S and M: with nothing else running, spinning takes 18 to 22 %
 * off a step; beside another busy process it makes a step two to three times as long.
 */
import { cpus } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

export const SPINNING = ["auto", "on", "off"] as const;
export type Spinning = (typeof SPINNING)[number];

/** How long the machine is watched, and the share of it that others may use for spinning to be worth it. */
const WATCHED_MS = 100;
const OTHERS_AT_MOST = 0.1;

/** Busy and all ticks of all processors since they started. */
function ticks(): { readonly busy: number; readonly all: number } {
  const times = cpus().map(({ times: { user, nice, sys, irq, idle } }) => ({ busy: user + nice + sys + irq, idle }));
  const busy = times.reduce((sum, each) => sum + each.busy, 0);
  return { busy, all: busy + times.reduce((sum, each) => sum + each.idle, 0) };
}

let watched: Promise<boolean> | undefined;

/** Whether the processors are idle while this process does nothing; watched once a process. */
async function machineIsIdle(): Promise<boolean> {
  const before = ticks();
  await pause(WATCHED_MS);
  const after = ticks();
  const all = after.all - before.all;
  return all > 0 && (after.busy - before.busy) / all <= OTHERS_AT_MOST;
}

/** The choice; `auto` spins where no other process wants the processors when the first engine of a process is opened. */
export async function spins(choice: Spinning): Promise<boolean> {
  if (choice !== "auto") return choice === "on";
  watched ??= machineIsIdle();
  return watched;
}
