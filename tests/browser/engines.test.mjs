// The plain ways of a visitor, in Firefox and in WebKitGTK, as a phone and as a desktop shows them in turn.

import test from "node:test";
import { Firefox, WebKit, visitorIn } from "./engines.mjs";
import { checks } from "./engines.checks.mjs";
import { world } from "./lib.mjs";

const only = process.env.ENROLL_BROWSER_CHECK;
/** What came of each check, in one engine. */
async function all(Engine, program) {
  const browser = await new Engine(program).begin();
  const came = new Map();
  const fitting = checks.filter(({ title, options }) => (!only || title.includes(only)) && (!options.only || options.only === Engine.name));
  for (const [n, { title, walk, options }] of fitting.entries()) {
    const began = Date.now();
    try {
      await walk(await visitorIn(browser, { width: n % 2 === 0 ? 390 : 1280, site: world.engines, ...options }));
      came.set(title, undefined);
    } catch (error) {
      came.set(title, error);
    }
    console.log(`${title}, ${Engine.name}: ${Date.now() - began} ms`);
  }
  await browser.close();
  return came;
}

// Begun at once, beside the walks in Chromium.
for (const [Engine, program] of [[Firefox, world.firefox], [WebKit, world.webkit]]) {
  if (!program) continue;
  const looking = all(Engine, program);
  looking.catch(() => {});
  for (const { title, options } of checks) {
    if (options.only && options.only !== Engine.name) continue;
    test(`${title}, in ${Engine.name}`, async () => {
      const error = (await looking).get(title);
      if (error) throw error;
    });
  }
}
