// What a first visit downloads, as it is sent, against what it may be. A phone on a slow line reads along.
//
// Asks the release program (CHATTER_PROGRAM names another) for its first page and for what that page names. Where none
// was built yet, the files of the site are compressed here instead, and the page is left out of what is summed up and
// of what is allowed.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { brotliCompressSync } from "node:zlib";

// Each of them about 1 % above what it takes.
const budgetKb = { wasm: 344, js: 4.9, css: 7.6, html: 2.8 };
const startsWithinMs = 20_000;
const program = process.env.CHATTER_PROGRAM ?? join(import.meta.dirname, "../target/release/chatter");

/** The body as it came: compressed, where the server compresses it. */
function fetched(url) {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers: { accept: "text/html,*/*", "accept-encoding": "br" } }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => {
        const body = Buffer.concat(parts);
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
    });
    request.on("error", reject);
  });
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

async function asServed() {
  const folder = mkdtempSync(join(tmpdir(), "chatter-sizes-"));
  const address = `127.0.0.1:${await freePort()}`;
  const running = spawn(program, ["serve"], {
    cwd: folder,
    env: { ...process.env, LEPTOS_SITE_ADDR: address, CHATTER_DATA: folder },
    stdio: "ignore",
  });
  try {
    const deadline = Date.now() + startsWithinMs;
    let page;
    while (page === undefined) {
      page = await fetched(`http://${address}/`).catch((error) => {
        if (Date.now() > deadline || running.exitCode !== null) throw error;
      });
      if (page === undefined) await pause(50);
    }
    const bytes = { html: page.length };
    for (const kind of ["wasm", "js", "css"]) {
      const [path] = page.toString().match(new RegExp(`/pkg/chatter[^"' ]*\\.${kind}`)) ?? [];
      if (path === undefined) throw new Error(`the first page names no .${kind}`);
      bytes[kind] = (await fetched(`http://${address}${path}`)).length;
    }
    return bytes;
  } finally {
    running.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function ofFiles() {
  console.log("there is no release program: the files alone, without a page");
  return Object.fromEntries(
    ["wasm", "js", "css"].map((kind) => [kind, brotliCompressSync(readFileSync(`target/site/pkg/chatter.${kind}`)).length]),
  );
}

const bytes = existsSync(program) ? await asServed() : ofFiles();
let over = false;
const tell = (name, kb, budget) => {
  over ||= kb > budget;
  console.log(`${kb > budget ? "too big" : "ok"}: ${name} is ${kb.toFixed(1)} kB of ${budget.toFixed(1)} kB`);
};
const kinds = Object.keys(bytes);
for (const kind of kinds) tell(kind, bytes[kind] / 1000, budgetKb[kind]);
const sum = (figures) => kinds.reduce((all, kind) => all + figures[kind], 0);
tell("the first load", sum(bytes) / 1000, sum(budgetKb));
process.exit(over ? 1 : 0);
