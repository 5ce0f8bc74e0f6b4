#!/usr/bin/env node
/** The `lnasc` program: commands are listed in command-line.ts. */
import { commandLine, failed } from "./command-line.js";

// A reader that has seen enough (`lnasc plan | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
// Errors that reach nobody, such as those of a callback, end the command like any other.
process.on("uncaughtException", (error) => process.exit(failed(error)));

process.exitCode = await commandLine(process.argv.slice(2));
