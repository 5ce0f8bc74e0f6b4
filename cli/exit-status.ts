/** Exit statuses of `lnasc`, the one table; docs/cli.md shows it, and a test compares the two. */
export const EXIT = {
  ok: 0,
  findings: 1,
  usage: 2,
  bug: 3,
  user: 4,
  timeBudget: 5,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** What each status tells a script. */
export const EXIT_MEANING: { readonly [K in keyof typeof EXIT]: string } = {
  ok: "done",
  findings:
    "what was asked for does not hold: a verification is out of tolerance, a file is not formatted, a lock or a diff says no",
  usage: "the spec or the command line is wrong",
  bug: "a bug of lnas",
  user: "something outside of the spec is at fault: weights, data, run folder, disk, engine",
  timeBudget: "the spec's time budget is used up; the same command goes on",
  interrupted: "stopped by Ctrl-C; the same command goes on",
  terminated: "stopped by SIGTERM; the same command goes on",
};
