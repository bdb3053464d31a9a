// The plain ways of a visitor in Firefox and in WebKitGTK, as a phone and as a desktop shows them in turn.

import test from "node:test";
import { checks, engines, visit } from "./engines.checks.mjs";

/** Runs each check of `engine`, and keeps what came of it. */
async function walkAll({ engine, browser }) {
  const came = new Map();
  const running = await browser.begin();
  for (const [n, check] of checks.filter(({ options }) => (options.only ?? engine) === engine).entries()) {
    came.set(check.title, await visit(running, check, { width: n % 2 === 0 ? 390 : 1280 }));
  }
  await running.close();
  return came;
}

// Begun at once, beside the walks in Chromium.
for (const one of engines()) {
  const walking = walkAll(one);
  walking.catch(() => {});
  for (const { title, options } of checks) {
    if ((options.only ?? one.engine) !== one.engine) continue;
    test(`${title}, in ${one.engine}`, async () => {
      const error = (await walking).get(title);
      if (error) throw error;
    });
  }
}
