// How long it takes to open a room, to read back in it, to jump into its middle and to react there; and how evenly it
// scrolls. `npm run times -- FOLDER…` asks the release program for each data folder that `chatter demo` has filled, and
// prints a table: nothing here passes or fails.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { basename, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "@playwright/test";
import { executablePath } from "./support/chromium.mjs";

const program = process.env.CHATTER_PROGRAM ?? join(import.meta.dirname, "../target/release/chatter");
const rounds = Number(process.env.ROUNDS ?? 15);
/** Pages of older messages that are scrolled through for one figure. */
const pages = 40;

function told(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return `${at(0.5).toFixed(1)} (${at(0).toFixed(1)}–${at(1).toFixed(1)})`;
}

async function timed(work) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await work(round);
    times.push(performance.now() - began);
  }
  return told(times);
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return address.port;
}

const limits = ["POSTS_PER_SECOND", "POSTS_BURST", "CHANGES_PER_MINUTE", "CHANGES_BURST"].map((limit) => [`CHATTER_LIMITS_${limit}`, "10000"]);

/** The largest room, and how far its log goes. */
async function largest(request) {
  const answer = await request.post("/api/conversation-list", { headers: { accept: "application/json" } });
  const { conversations } = await answer.json();
  const sorted = conversations.toSorted((a, b) => b.last_seq - a.last_seq);
  return { id: sorted[0].conversation.id, last: sorted[0].last_seq };
}

async function call(request, name, form) {
  const answer = await request.post(`/api/${name}`, { form, headers: { accept: "application/json" } });
  if (!answer.ok()) throw new Error(`${name}: ${answer.status()} ${await answer.text()}`);
  return answer.json();
}

const newest = (page) => page.locator("#messages, [role=log]").first().getByRole("listitem").last();

/** Scrolls up through older pages: the longest frames, and the most rows that the page held. */
async function scroll(page) {
  return page.evaluate(async (pages) => {
    let scrolled = document.querySelector("[role=log]");
    while (!["auto", "scroll"].includes(getComputedStyle(scrolled).overflowY)) scrolled = scrolled.parentElement;
    const frames = [];
    let [rows, before, loaded] = [0, performance.now(), 0];
    const began = before;
    let oldest;
    while (loaded < pages && performance.now() - began < 60_000) {
      scrolled.scrollTop -= 120;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      frames.push(now - before);
      before = now;
      rows = Math.max(rows, document.querySelectorAll("[role=log] li").length);
      const first = document.querySelector("[role=log] li[data-seq]")?.dataset.seq;
      if (first !== oldest) [oldest, loaded] = [first, loaded + 1];
    }
    frames.sort((a, b) => a - b);
    const at = (share) => (frames[Math.floor(share * (frames.length - 1))] ?? NaN).toFixed(1);
    return { frames: `${at(0.5)}, ${at(0.99)}, ${at(1)} of ${frames.length}`, rows, loaded };
  }, pages);
}

async function measure(folder) {
  const port = await freePort();
  const server = spawn(program, ["serve", "--data", resolve(folder), "--addr", `127.0.0.1:${port}`], {
    env: { ...process.env, ...Object.fromEntries(limits) },
    stdio: "ignore",
  });
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const context = await browser.newContext({ baseURL: `http://127.0.0.1:${port}`, viewport: { width: 1280, height: 800 } });
    const { request } = context;
    while (!(await request.get("/readyz").then((answer) => answer.ok(), () => false))) await pause(100);
    await call(request, "sign-in", { name: "ada", password: "chatter-demo" });
    const { id, last } = await largest(request);
    const somewhere = (round) => Math.floor((last * (round + 1)) / (rounds + 2));
    const page = await context.newPage();
    const figures = { "Entries of the log": String(last) };
    figures["The page, sent whole"] = await timed(async () => (await request.get(`/c/${id}`)).body());
    figures["A page of its middle, sent whole"] = await timed(async (round) => (await request.get(`/c/${id}/${somewhere(round)}`)).body());
    figures["50 older messages"] = await timed((round) => call(request, "message-list", { conversation_id: id, before: somewhere(round) }));
    figures["Reacting in its middle, and taking it back"] = await timed(async (round) => {
      // Not each number is a message's: the first from there on is.
      const { messages } = await call(request, "message-list", { conversation_id: id, around: somewhere(round), limit: 20 });
      const seq = messages.find((message) => !message.deleted)?.seq ?? 1;
      for (const name of ["reaction-add", "reaction-remove"]) await call(request, name, { conversation_id: id, seq, emoji: "🧪" });
    });
    figures["Opened in the browser"] = await timed(async () => {
      await page.goto(`/c/${id}`);
      await newest(page).waitFor();
    });
    figures["Jumped into its middle"] = await timed(async (round) => {
      await page.goto(`/c/${id}/${somewhere(round)}`);
      await newest(page).waitFor();
    });
    await page.goto(`/c/${id}`, { waitUntil: "networkidle" });
    const { frames, rows, loaded } = await scroll(page);
    figures["Older pages that came meanwhile"] = String(loaded);
    figures[`Frames while ${pages} older pages are scrolled through: median, 99 %, longest`] = frames;
    figures["Rows in the page at most"] = String(rows);
    return figures;
  } finally {
    await browser.close();
    server.kill("SIGTERM");
  }
}

const folders = process.argv.slice(2);
if (folders.length === 0) {
  console.error("Name the data folders: npm run times -- FOLDER…");
  process.exit(2);
}
const all = [];
for (const folder of folders) all.push(await measure(folder));
console.log(`Milliseconds: median (least–most) of ${rounds} rounds.\n`);
console.log(`| | ${folders.map((folder) => basename(folder)).join(" | ")} |\n|---|${folders.map(() => "---:|").join("")}`);
for (const name of Object.keys(all[0] ?? {})) console.log(`| ${name} | ${all.map((figures) => figures[name]).join(" | ")} |`);
