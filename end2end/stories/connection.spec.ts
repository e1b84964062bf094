// The network goes, the server goes, the machine sleeps: nothing is lost, doubled or out of order, and the page says
// how it stands.
import type { Person } from "../support/person.ts";
import { expect, test } from "../support/story.ts";

const back = { timeout: 35_000 };
const cuts = [/WebSocket/, /ERR_/, /status of 50\d/];

/** Both pages show exactly what the store holds, in its order. */
async function agree(people: Person[], conversation: string): Promise<void> {
  for (const one of people) {
    await expect
      .poll(async () => {
        const [shown, stored] = [await one.shown(), await one.stored(conversation)];
        // A page may hold more history than the latest page of the store.
        return JSON.stringify(shown.slice(-stored.length)) === JSON.stringify(stored) && shown.length;
      }, { ...back, message: `${one.name} sees what the store holds` })
      .toBeTruthy();
    const seqs = (await one.shown()).map((row) => row.seq);
    expect(new Set(seqs).size, "no double").toBe(seqs.length);
  }
}

async function together(ada: Person, ben: Person): Promise<string> {
  await ada.startChat(ben.name, "before");
  await ben.line(ada.name).click();
  await expect(ben.message("before")).toBeVisible();
  // What happens to a page before it is alive is another story.
  await ada.live();
  await ben.live();
  return ada.conversation;
}

function said(person: Person, sentence: RegExp) {
  return person.page.getByRole("status").filter({ hasText: sentence });
}

test("a short break is not spoken of; a long one is, and it ends", async ({ person, server, watch }) => {
  watch.expect(...cuts);
  const [ada, ben] = [await person("ada"), await person("ben")];
  const id = await together(ada, ben);
  await server.kill();
  await expect(said(ada, /Reconnecting/)).toBeVisible();
  const top = await ada.messages.boundingBox();
  const bar = await said(ada, /Reconnecting/).boundingBox();
  expect(bar!.y + bar!.height, "it covers no text").toBeLessThanOrEqual(top!.y + 1);
  await server.up();
  await expect(said(ada, /Reconnecting/)).toHaveCount(0, back);
  await ben.post({ conversation_id: id, content: "after" });
  await agree([ada, ben], id);
});

test("offline is said, what one writes then waits and stays readable", async ({ person, watch }) => {
  watch.expect(...cuts);
  const [ada, ben] = [await person("ada"), await person("ben")];
  const id = await together(ada, ben);
  await ben.context.setOffline(true);
  await expect(said(ben, /Offline/)).toBeVisible();
  for (const text of ["tunnel one", "tunnel two"]) {
    await ben.composer.fill(text);
    await ben.send.click();
    await expect(ben.row(text)).toContainText("Waiting to be sent");
  }
  await ada.say("meanwhile");
  await ben.context.setOffline(false);
  await expect(ben.sent("tunnel two")).toHaveCount(1, back);
  await expect(said(ben, /Offline|Reconnecting/)).toHaveCount(0, back);
  await agree([ada, ben], id);
  const texts = (await ada.shown()).map((row) => row.content);
  expect(texts.indexOf("tunnel one"), "in the order of writing").toBeLessThan(texts.indexOf("tunnel two"));
});

test("a server that stands still is noticed by who comes back to the tab", async ({ person, server, watch }) => {
  watch.expect(...cuts);
  const [ada, ben] = [await person("ada"), await person("ben")];
  const id = await together(ada, ben);
  server.freeze();
  try {
    // The probe's five seconds and the sentence's one; a heartbeat alone takes at least 45. Who comes back within two
    // seconds of another probe, as of a late timer on a busy machine, is not probed again: so they come back once more.
    await expect(async () => {
      await ada.look(false);
      await ada.look(true);
      await expect(said(ada, /Reconnecting/)).toBeVisible({ timeout: 9_000 });
    }).toPass({ timeout: 40_000 });
  } finally {
    server.go();
  }
  await ben.post({ conversation_id: id, content: "thawed" });
  await expect(ada.message("thawed")).toHaveCount(1, back);
  await agree([ada, ben], id);
});

test("a frozen tab catches up when it thaws", async ({ person, watch }) => {
  watch.expect(...cuts);
  const [ada, ben] = [await person("ada"), await person("ben")];
  const id = await together(ada, ben);
  const devtools = await ada.context.newCDPSession(ada.page);
  await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
  await ben.postLines(30, id, "frozen");
  await devtools.send("Page.setWebLifecycleState", { state: "active" });
  await expect(ada.message("frozen 29")).toHaveCount(1, back);
  await agree([ada, ben], id);
});

test("many breaks while another goes on posting: no loss, no double, one order", async ({ person, watch }) => {
  test.setTimeout(120_000);
  watch.expect(...cuts);
  const [ada, ben] = [await person("ada"), await person("ben")];
  const id = await together(ada, ben);
  let posting = true;
  const posts = (async () => {
    for (let n = 0; posting && n < 90; n++) {
      await ben.post({ conversation_id: id, content: `storm ${n}` });
      await new Promise((go) => setTimeout(go, 60));
    }
  })();
  for (let n = 0; n < 5; n++) {
    const readies = ada.readies;
    await ada.context.setOffline(true);
    await ada.composer.fill(`between ${n}`);
    await ada.send.click();
    await ada.context.setOffline(false);
    // A break that is over before the socket notices is none.
    await expect.poll(async () => ada.readies > readies || (await ada.sent(`between ${n}`).count()) === 1, back).toBe(true);
  }
  posting = false;
  await posts;
  for (let n = 0; n < 5; n++) await expect(ada.sent(`between ${n}`)).toHaveCount(1, back);
  await agree([ada, ben], id);
  const texts = (await ben.shown()).map((row) => row.content).filter((text) => text.startsWith("storm"));
  const numbers = texts.map((text) => Number(text.split(" ")[1]));
  expect(numbers, "as they were posted").toEqual([...numbers].sort((a, b) => a - b));
});

test("killed again and again while both write", async ({ person, server, watch }) => {
  test.setTimeout(150_000);
  watch.expect(...cuts);
  const [ada, ben] = [await person("ada"), await person("ben")];
  const id = await together(ada, ben);
  for (let n = 0; n < 3; n++) {
    await Promise.all([ada, ben].map(async (one) => {
      await one.composer.fill(`${one.name} ${n}`);
      await one.send.click();
    }));
    // In the middle of it: what was acknowledged stays, and what was not goes out again under the same number.
    await server.kill();
    await server.up();
    for (const one of [ada, ben]) await expect(one.sent(`${one.name} ${n}`)).toHaveCount(1, back);
  }
  await agree([ada, ben], id);
  const texts = (await ada.shown()).map((row) => row.content);
  for (const one of [ada, ben]) {
    for (let n = 0; n < 3; n++) expect(texts.filter((text) => text === `${one.name} ${n}`)).toHaveLength(1);
  }
});

test("a server that is asked to end sends its pages away, and they come back", async ({ person, server, watch }) => {
  watch.expect(...cuts);
  const [ada, ben] = [await person("ada"), await person("ben")];
  const ops: string[] = [];
  ada.page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => ops.push((JSON.parse(payload.toString()) as { op: string }).op)),
  );
  const id = await together(ada, ben);
  await ada.open(`/c/${id}`);
  const readies = ada.readies;
  await server.stop();
  await expect.poll(() => ops).toContain("RECONNECT");
  await server.up();
  await expect.poll(() => ada.readies, back).toBeGreaterThan(readies);
  await ben.post({ conversation_id: id, content: "after the restart" });
  await agree([ada, ben], id);
});

test("a gateway that refuses every token leads to /?ended, and no further", async ({ person, watch }) => {
  watch.expect(...cuts);
  const ada = await person("ada");
  let asked = 0;
  // A fresh token is fetched once, and is as bad as the first.
  await ada.page.route("**/api/gateway-token", (route) => {
    asked += 1;
    return route.fulfill({ json: null, headers: { "set-cookie": "authorization=nonsense; Path=/" } });
  });
  await ada.page.route("**/*.wasm", async (route) => {
    await ada.page.evaluate(() => (document.cookie = "authorization=nonsense; path=/"));
    await route.continue();
  });
  await ada.page.goto("/c", { waitUntil: "commit" });
  await ada.page.waitForURL("**/?ended");
  await expect(ada.page.getByRole("button", { name: "Sign in" })).toBeVisible();
  expect(asked).toBe(1);
});
