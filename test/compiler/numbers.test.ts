import { suite } from "uvu";
import * as assert from "uvu/assert";
import { amountText, counted, secondsText } from "../../compiler/numbers.js";

const numbers = suite("numbers as people read them");

numbers("amounts have three digits and a power of 1000", () => {
  assert.equal(
    [0, 7, 999, 999.6, 1234, 999_600, 1.5e18, 2e21].map((value) => amountText(value)),
    ["0", "7", "999", "1.00 k", "1.23 k", "1.00 M", "1.50 E", "2.00 Z"],
  );
  assert.is(amountText(2.5e11, "FLOP/s"), "250 GFLOP/s");
});

numbers("times have two units at most, and round over", () => {
  assert.equal([0, 0.123, 9.96, 59.4, 59.6, 61, 3599.6, 7500, 86_399, 90_000].map(secondsText), [
    "0 s",
    "0.12 s",
    "10 s",
    "59 s",
    "1 min",
    "1 min 1 s",
    "1 h",
    "2 h 5 min",
    "1 d",
    "1 d 1 h",
  ]);
});

numbers("one of a thing is singular, also where it is counted exactly", () => {
  assert.equal(
    [counted(1, "module"), counted(2, "module"), counted(1n, "architecture")],
    ["1 module", "2 modules", "1 architecture"],
  );
});

numbers.run();
