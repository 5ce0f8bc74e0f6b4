import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { Pace } from "../../cli/lsp/pace.js";

const suite = makeSuite("pace of long work");

suite("quick work never waits; long work as long as it took, counted from its end", () => {
  let now = 1000;
  const pace = new Pace(() => now);
  const work = (ms: number) =>
    pace.run(() => {
      now += ms;
    });
  assert.is(pace.waitMs, 0);
  work(30);
  assert.is(pace.waitMs, 0);
  work(3000);
  assert.is(pace.waitMs, 3000);
  now += 1000;
  assert.is(pace.waitMs, 2000);
  now += 5000;
  assert.is(pace.waitMs, 0);
});

suite("work that fails counts too, and its error goes on", () => {
  let now = 0;
  const pace = new Pace(() => now);
  const fail = () => {
    now += 500;
    throw new Error("no");
  };
  assert.throws(() => pace.run(fail), "no");
  assert.is(pace.waitMs, 500);
});

suite.run();
