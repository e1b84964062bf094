// What a first visit downloads, as Brotli, against what it may be. A phone on a slow line reads along.
import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";

const budgetKb = { "chatter.wasm": 355, "chatter.js": 15, "chatter.css": 12 };
let over = false;
for (const [name, budget] of Object.entries(budgetKb)) {
  const kb = brotliCompressSync(readFileSync(`target/site/pkg/${name}`)).length / 1000;
  console.log(`${kb > budget ? "too big" : "ok"}: ${name} is ${kb.toFixed(1)} kB of ${budget} kB`);
  over ||= kb > budget;
}
process.exit(over ? 1 : 0);
