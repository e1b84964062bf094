// What a first visit downloads, as it is sent, against what it may be. A phone on a slow line reads along.
//
// Asks the release program (CHATTER_PROGRAM names another) for its sign-in page, for the chat of somebody new, and for
// what those name: nothing of either was there before. Where no program was built yet, the files of the site are
// compressed here instead, and the pages are left out of what is summed up and of what is allowed.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { brotliCompressSync } from "node:zlib";

// Each of them about 1 % above what it takes. The chat's are what it needs to be alive; the others come after it.
const budgetKb = {
  "sign-in": { html: 2.9, css: 7.8 },
  chat: { html: 3.9, css: 7.8, js: 5.6, wasm: 282.4 },
  later: { parts: 99.6, pages: 32.4 },
};
const startsWithinMs = 20_000;
const program = process.env.CHATTER_PROGRAM ?? join(import.meta.dirname, "../target/release/chatter");

/** The body as it came: compressed, where the server compresses it. */
function fetched(url, headers = {}) {
  return new Promise((resolve, reject) => {
    const asked = { accept: "text/html,*/*", "accept-encoding": "br", ...headers };
    const request = get(url, { headers: asked }, (response) => {
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

async function running(ask) {
  const folder = mkdtempSync(join(tmpdir(), "chatter-sizes-"));
  const address = `127.0.0.1:${await freePort()}`;
  const running = spawn(program, ["serve"], {
    cwd: folder,
    env: { ...process.env, LEPTOS_SITE_ADDR: address, CHATTER_DATA: folder },
    stdio: "ignore",
  });
  try {
    const deadline = Date.now() + startsWithinMs;
    for (;;) {
      const started = await fetched(`http://${address}/healthz`).then(() => true, (error) => {
        if (Date.now() > deadline || running.exitCode !== null) throw error;
        return false;
      });
      if (started) return await ask(`http://${address}`);
      await pause(50);
    }
  } finally {
    running.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The cookie of somebody who has just signed up. */
async function somebodyNew(site) {
  const answer = await fetch(`${site}/api/sign-up`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: site, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ name: "sizes", password: "as it is served" }),
  });
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
  if (cookies.length === 0) throw new Error(`signing up answered ${answer.status} without a cookie`);
  return cookies.join("; ");
}

/** A page and what it is shown with: all that it names in a way that the browser waits for. */
async function page(url, cookie, kinds) {
  const html = await fetched(url, { cookie });
  const bytes = { html: html.length };
  for (const kind of kinds) {
    const waitedFor = new RegExp(`<(?:link rel="(?:stylesheet|preload|modulepreload)"|script)[^>]*"(/pkg/[^"]*\\.${kind})"`, "g");
    const paths = [...html.toString().matchAll(waitedFor)].map(([, path]) => path);
    if (paths.length === 0) throw new Error(`${url} names no .${kind}`);
    const files = await Promise.all(paths.map((path) => fetched(new URL(path, url))));
    bytes[kind] = files.reduce((all, file) => all + file.length, 0);
  }
  return bytes;
}

async function asServed() {
  return running(async (site) => {
    const pieces = JSON.parse(await fetched(`${site}/pkg/pieces.json`, { "accept-encoding": "identity" }));
    const later = {};
    for (const [piece, names] of Object.entries(pieces)) {
      const files = await Promise.all(names.map((name) => fetched(`${site}/pkg/${name}`)));
      later[piece] = files.reduce((all, file) => all + file.length, 0);
    }
    return {
      "sign-in": await page(`${site}/`, "", ["css"]),
      chat: await page(`${site}/c`, await somebodyNew(site), ["css", "js", "wasm"]),
      later,
    };
  });
}

function ofFiles() {
  console.log("there is no release program: the files alone, without a page");
  const size = (name) => brotliCompressSync(readFileSync(`target/site/pkg/${name}`)).length;
  return { chat: Object.fromEntries(["css", "js", "wasm"].map((kind) => [kind, size(`chatter.${kind}`)])) };
}

let over = false;
const tell = (name, bytes, budget) => {
  const kb = bytes / 1000;
  over ||= kb > budget;
  console.log(`${kb > budget ? "too big" : "ok"}: ${name} is ${kb.toFixed(1)} kB of ${budget.toFixed(1)} kB`);
};
for (const [visit, bytes] of Object.entries(existsSync(program) ? await asServed() : ofFiles())) {
  const kinds = Object.keys(bytes);
  for (const kind of kinds) tell(`${visit}: ${kind}`, bytes[kind], budgetKb[visit][kind]);
  const sum = (figures) => kinds.reduce((all, kind) => all + figures[kind], 0);
  if (visit !== "later") tell(`${visit}, all of the first load`, sum(bytes), sum(budgetKb[visit]));
}
process.exit(over ? 1 : 0);
