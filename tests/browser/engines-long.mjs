// Firefox and WebKitGTK at length: every check at both widths and in both languages, and a look at every state of every
// page. Started by tests/all/browser.rs, for `cargo engines`.

import fs from "node:fs";
import path from "node:path";
import { checks, engines, faults, visit } from "./engines.checks.mjs";
import { visitorIn } from "./engines.mjs";
import { browser as chromium, pictures, world } from "./lib.mjs";
import { at, states } from "./states.mjs";

const WIDTHS = [390, 1280];
const only = process.env.ENROLL_BROWSER_ONLY?.split(",");
const wrong = [];
const say = (engine, what) => {
  wrong.push(`${engine}: ${what}`);
  console.log(wrong.at(-1));
};

async function lookAtAll({ engine, browser }) {
  const running = await browser.begin();
  for (const lang of ["en", "es"]) {
    for (const width of WIDTHS) {
      for (const check of checks.filter(({ title, options }) => (options.only ?? engine) === engine && (!only || only.includes(title)))) {
        const error = await visit(running, check, { lang, width });
        if (error) say(engine, `${check.title} (${lang}, ${width} px): ${error.message}`);
      }
    }
    for (const [name, lead] of Object.entries(states).filter(([name]) => !only || only.includes(name))) {
      const site = world[name.startsWith("outage") ? "late" : name.startsWith("waiting") ? "waiting" : "seen"];
      try {
        const someone = await visitorIn(running, { lang, site });
        await lead(someone);
        if (someone.at() !== at(name)) say(engine, `${name} (${lang}): is at ${someone.at()}`);
        for (const width of [320, ...WIDTHS]) {
          await running.size(width, 844);
          for (const fault of await faults(someone)) say(engine, `${name} (${lang}, ${width} px): ${fault}`);
          if (width !== 320) fs.writeFileSync(path.join(pictures, `${name}.${lang}.${width}.${engine}.png`), await running.whole(width));
        }
      } catch (error) {
        say(engine, `${name} (${lang}): ${error.message}`);
      }
    }
  }
  await running.close();
}

await Promise.all(engines().map(lookAtAll));
await chromium.close();
console.log(`${wrong.length} faults`);
process.exitCode = wrong.length > 0 ? 1 : 0;
