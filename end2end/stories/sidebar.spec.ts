// The list of somebody who has hundreds of conversations.
import { expect, test, unique } from "../support/story.ts";

const count = 230;

test("hundreds of conversations: all are found, and the page holds those in view", async ({ person }) => {
  const ada = await person("ada");
  const name = unique("Room");
  for (let first = 0; first < count; first += 10) {
    const made = Array.from({ length: 10 }, (_, number) => {
      const form = { kind: "room", title: `${name} ${first + number}` };
      return ada.context.request.post("/api/conversation-create", { form, headers: { accept: "application/json" } });
    });
    for (const response of await Promise.all(made)) expect(response.status()).toBe(200);
  }
  await ada.open("/c");
  const list = ada.page.getByRole("navigation", { name: "Conversations" });
  const rows = list.getByRole("link", { name });
  await expect(rows.first()).toBeVisible();

  // All of them, further and further down.
  const seen = new Set<string>();
  const look = async () => {
    for (const row of await rows.allInnerTexts()) seen.add(new RegExp(`${name} \\d+`).exec(row)![0]);
    expect(await rows.count()).toBeLessThanOrEqual(150);
  };
  const more = list.getByRole("link", { name: "More conversations" });
  await expect(async () => {
    await look();
    await list.evaluate((list) => list.scrollTo(0, list.scrollHeight));
    if (await more.isVisible()) await more.click();
    expect(seen.size).toBe(count);
  }).toPass({ timeout: 30_000, intervals: [50] });
  await expect(more).toBeHidden();

  // What is not on the page has its place: the bar stands where one is.
  const height = await list.evaluate((list) => list.scrollHeight);
  const row = (await rows.first().boundingBox())!.height;
  expect(Math.abs(height - count * row)).toBeLessThan(2 * row);
  await list.evaluate((list) => list.scrollTo(0, list.scrollHeight / 2));
  await expect.poll(() => rows.evaluateAll((rows) => rows.filter((row) => {
    // One that went meanwhile is in no list.
    const [box, list] = [row.getBoundingClientRect(), row.closest("nav")?.getBoundingClientRect()];
    return list && box.top >= list.top && box.bottom <= list.bottom;
  }).length)).toBeGreaterThan(5);

  // By keys it goes on where it ends.
  await rows.nth(70).focus();
  for (let step = 0; step < 100; step++) await ada.page.keyboard.press("Tab");
  await expect(rows.locator(":focus").or(rows.and(ada.page.locator(":focus")))).toHaveCount(1);

  // The latest comes to the top, wherever one is.
  const [last] = [...seen].slice(-1);
  await list.evaluate((list) => list.scrollTo(0, 0));
  await expect(rows.first()).toBeInViewport();
  await ada.page.keyboard.press("Control+k");
  await ada.page.keyboard.type(last!);
  await ada.page.keyboard.press("Enter");
  await ada.say("to the top");
  await expect(rows.first()).toContainText(last!);
});

test("what is far behind in the list is found and followed all the same", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  const old = unique("Regatta");
  const form = { kind: "group", title: old, members: ben.name };
  const accept = { accept: "application/json" };
  const made = await ada.context.request.post("/api/conversation-create", { form, headers: accept });
  const { id } = (await made.json()) as { id: number };
  await ben.post({ conversation_id: String(id), content: "Who rows?" });
  for (let first = 0; first < 110; first += 10) {
    const rooms = Array.from({ length: 10 }, (_, n) =>
      ada.context.request.post("/api/conversation-create", { form: { kind: "room", title: unique(`${first + n}`) }, headers: accept }),
    );
    for (const response of await Promise.all(rooms)) expect(response.status()).toBe(200);
  }
  await ada.open("/c");
  await expect(ada.line(old)).toHaveCount(0);
  await ada.page.keyboard.press("Control+k");
  await ada.page.keyboard.type(old);
  await expect(ada.page.getByRole("option", { name: old })).toBeVisible();
  await ada.page.keyboard.press("Enter");
  await expect(ada.message("Who rows?")).toBeVisible();

  // It is in the list from there on, and what is done with it shows: by oneself, and by others.
  await ada.page.getByLabel("How you keep this conversation").click();
  await ada.page.getByRole("button", { name: "Mentions only" }).click();
  await ada.page.getByLabel("How you keep this conversation").click();
  await expect(ada.page.getByRole("button", { name: "Mentions only", pressed: true })).toBeVisible();
  // A tap elsewhere closes the menu.
  await ada.messages.click();
  await expect(ada.page.getByRole("button", { name: "Mentions only" })).toBeHidden();
  const then = unique("Rowing");
  await ada.context.request.post("/api/conversation-update", { form: { conversation_id: String(id), title: then }, headers: accept });
  await expect(ada.page.getByRole("heading", { name: then })).toBeVisible();
  await expect(ada.page).toHaveTitle(new RegExp(then));
  await ada.composer.pressSequentially("@ben");
  await expect(ada.page.getByRole("option", { name: ben.name })).toBeVisible();
});
