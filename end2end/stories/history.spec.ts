// What was said before, and what was said while one was not there.
import { expect, test } from "../support/story.ts";

test("older messages load on the way up, and the line being read does not move", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "line 0");
  for (let n = 1; n < 140; n++) await ada.post({ conversation_id: ada.conversation, content: `line ${n}` });
  await ada.open(ada.path);
  await expect(ada.message("line 139")).toBeInViewport();
  await expect(ada.message("line 60")).toHaveCount(0);

  // The answer waits until the reader's place has been measured.
  let answer = () => {};
  const asked = new Promise<void>((resolve) => {
    void ada.page.route("**/api/message-list*", async (route) => {
      // Only pages further up wait: the latest one may be asked for where much was missed.
      if (!route.request().postData()?.includes("before=")) return route.continue();
      resolve();
      await new Promise<void>((go) => (answer = go));
      await route.continue();
    });
  });
  await ada.messages.hover();
  await ada.page.mouse.wheel(0, -100_000);
  await asked;
  const line = ada.messages.getByText(/^line \d+$/).first();
  const reading = await line.innerText();
  const before = await settled(() => line.boundingBox().then((box) => box?.y));
  answer();
  const older = ada.message(`line ${Number(reading.split(" ")[1]) - 1}`);
  await expect(older).toHaveCount(1);
  const after = await settled(() => ada.message(reading).boundingBox().then((box) => box?.y));
  expect(Math.abs(after - before), `moved from ${before} to ${after}`).toBeLessThanOrEqual(2);
});

test("a reader who scrolled up stays there when messages arrive", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "line 0");
  for (let n = 1; n < 45; n++) await ada.post({ conversation_id: ada.conversation, content: `line ${n}` });
  await ben.open(ada.path);
  await ben.message("line 10").scrollIntoViewIfNeeded();
  const place = () => ben.message("line 10").boundingBox().then((box) => box?.y);
  const before = await settled(place);
  await ada.say("news");
  await expect(ben.message("news")).toHaveCount(1);
  const after = await settled(place);
  expect(Math.abs(after - before)).toBeLessThanOrEqual(2);
  await expect(ben.message("news")).not.toBeInViewport();

  const below = ben.page.getByRole("button", { name: /\d+ new/ });
  await below.click();
  await expect(ben.message("news")).toBeInViewport();
  await expect(below).toHaveCount(0);
  await expect(ben.page).toHaveTitle(/^[^(]/);
});

test("a reader who scrolled before the scripts ran stays there", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "line 0");
  for (let n = 1; n < 45; n++) await ada.post({ conversation_id: ada.conversation, content: `line ${n}` });
  const [path, readies] = [ada.path, ada.readies];
  let run = () => {};
  const held = new Promise<void>((go) => (run = go));
  await ada.page.route("**/*.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await ada.page.goto(path, { waitUntil: "commit" });
  await expect(ada.message("line 44")).toBeInViewport();
  await ada.messages.hover();
  await ada.page.mouse.wheel(0, -400);
  await expect(ada.message("line 44")).not.toBeInViewport();
  const place = () => ada.message("line 30").boundingBox().then((box) => box?.y);
  const before = await settled(place);
  run();
  await ada.live(readies + 1);
  const after = await settled(place);
  expect(Math.abs(after - before), `moved from ${before} to ${after}`).toBeLessThanOrEqual(2);
  await ben.post({ conversation_id: ada.conversation, content: "news" });
  await expect(ada.message("news")).toHaveCount(1);
  await expect(ada.message("news")).not.toBeInViewport();
  await expect(ada.page).toHaveTitle(/^\(1\)/);
});

test("who comes back to a tab finds where they left off", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ben.startChat(ada.name, "before");
  await ada.line(ben.name).click();
  const line = ben.messages.getByText("New", { exact: true });
  await ben.look(false);
  await ada.say("meanwhile");
  await expect(ben.page).toHaveTitle(/^\(1\)/);
  await expect(line).toHaveCount(0);
  await ben.look(true);
  await expect(line).toBeVisible();
  await expect(ben.page).toHaveTitle(/^[^(]/);
});

test("a server that was killed comes back, and so do its pages", async ({ person, server, watch }) => {
  watch.expect(/WebSocket connection to/, /ERR_CONNECTION_REFUSED/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/);
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "before");
  await ben.line(ada.name).click();
  await expect(ben.message("before")).toBeVisible();
  await ada.page.evaluate(() => ((window as unknown as { stayed: boolean }).stayed = true));

  const [adas, bens] = [ada.readies, ben.readies];
  await server.kill();
  // Written while nobody listens: it waits and goes out by itself.
  await ada.composer.fill("into the silence");
  await ada.send.click();
  await expect(ada.message("into the silence")).toBeVisible();
  await server.up();
  await ben.post({ conversation_id: ben.conversation, content: "after" });
  await Promise.all([
    expect(ada.message("after")).toHaveCount(1, { timeout: 35_000 }),
    expect(ben.message("into the silence")).toHaveCount(1, { timeout: 35_000 }),
  ]);
  await expect(ada.message("into the silence")).toHaveCount(1);
  await expect(ada.message("before")).toHaveCount(1);
  expect(ada.readies).toBeGreaterThan(adas);
  expect(ben.readies).toBeGreaterThan(bens);
  expect(await ada.page.evaluate(() => (window as unknown as { stayed?: boolean }).stayed), "no reload").toBe(true);
});

test("what was missed while the network was away is caught up with", async ({ person, watch }) => {
  watch.expect(/ERR_INTERNET_DISCONNECTED/, /WebSocket connection to/);
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "before");
  await ben.line(ada.name).click();
  await expect(ben.message("before")).toBeVisible();
  await ben.context.setOffline(true);
  await ben.composer.fill("from the tunnel");
  await ben.send.click();
  await ada.say("missed one");
  await ada.say("missed two");
  await ben.context.setOffline(false);
  for (const text of ["missed one", "missed two"]) await expect(ben.message(text)).toHaveCount(1, { timeout: 35_000 });
  await expect(ada.message("from the tunnel")).toHaveCount(1, { timeout: 35_000 });
  await expect(ben.message("from the tunnel")).toHaveCount(1);
});

/** A measure once it has been the same three times in a row. */
async function settled(measure: () => Promise<number | undefined>): Promise<number> {
  const seen: (number | undefined)[] = [];
  await expect
    .poll(async () => {
      seen.push(await measure());
      const last = seen.slice(-3);
      return last.length === 3 && last[0] !== undefined && last.every((value) => value === last[0]);
    }, { intervals: [50] })
    .toBe(true);
  return seen.at(-1)!;
}
