// Every page and every mistake, in both languages: axe in light and dark, reflow, weight, valid markup, a picture.

import test from "node:test";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { audit, hold, picture } from "./audit.mjs";
import { pages, visitor, world } from "./lib.mjs";
import { at, states } from "./states.mjs";

const only = process.env.ENROLL_BROWSER_ONLY?.split(",");
/** Pictured as a desktop shows them, too. */
const WIDE = [
  "zip", "plans-my-use", "compare", "plan", "address", "ask-unit-long", "contact", "identity", "start-date", "deposit", "review",
  "confirmation-deposit", "waiting-identity", "waiting-long", "about", "stop-customer", "link-builder-made", "later", "resume", "resume-code", "resume-gone", "handed-over",
];

/** Looks at all of them, and gives what is wrong. */
async function lookAtAll() {
  const wrong = [];
  const look = async (someone, name) => {
    try {
      await someone.forget();
      await states[name](someone);
      if (someone.at() !== at(name)) wrong.push(`${name} (${someone.lang}): is at ${someone.at()}`);
      await picture(someone, name, WIDE.includes(name) ? [1280, 390] : [390]);
      wrong.push(...await audit(someone, name), ...someone.faults().map((one) => `${name}: ${one}`));
    } catch (error) {
      wrong.push(`${name} (${someone.lang}): ${error.message.split("\n").slice(0, 12).join("\n")}`);
    }
  };
  const names = Object.keys(states).filter((name) => !only || only.includes(name));
  await Promise.all(["en", "es"].map(async (lang) => {
    const [someone, late, waiting] =
      await Promise.all([world.seen, world.late, world.waiting].map((site) => visitor({ lang, site })));
    for (const name of names) {
      await look(name.startsWith("outage") ? late : name.startsWith("waiting") ? waiting : someone, name);
    }
    await Promise.all([someone, late, waiting].map(({ context }) => context.close()));
  }));
  return wrong;
}

// Begun at once, beside the journeys, which walk on a server of their own.
const looking = lookAtAll();

test("every page and every error state is accessible, light and narrow in both languages", async () => {
  hold(await looking);
});

test("the markup of every page is valid", async () => {
  const jar = path.join(path.dirname(createRequire(import.meta.url).resolve("vnu-jar/package.json")), "build/dist/vnu.jar");
  const files = fs.readdirSync(pages).map((file) => path.join(pages, file));
  const { stderr } = await promisify(execFile)("java", ["-jar", jar, "--format", "json", "--exit-zero-always", ...files], { maxBuffer: 1 << 26 });
  hold(JSON.parse(stderr).messages.map(({ type, url, lastLine, message, extract }) =>
    `${type} ${path.basename(url)}:${lastLine} ${message} ${extract ?? ""}`));
});
