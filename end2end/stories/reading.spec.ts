// What counts as read, on which device, and how one gets to what is new.
import type { Person } from "../support/person.ts";
import { password, signIn } from "../support/person.ts";
import { sizes } from "../support/rooms.ts";
import { expect, test } from "../support/story.ts";

/** Ada starts a chat that ben has read, and posts `count` lines that he has not. */
async function unread(ada: Person, ben: Person, count: number): Promise<string> {
  await ben.startChat(ada.name, "hello");
  const id = ben.conversation;
  await ben.open("/c");
  await ada.postLines(count, id);
  await expect.poll(() => ben.unread(ada.name)).toBe(count);
  return id;
}

test("a conversation opens where new begins; who stops half-way has read half", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await unread(ada, ben, 40);
  const other = await ben.tab();
  await ben.line(ada.name).click();
  const line = ben.messages.getByText("New", { exact: true });
  await expect(line).toBeInViewport();
  await expect(ben.message("line 39")).not.toBeInViewport();

  await ben.message("line 20").evaluate((row) => row.scrollIntoView({ block: "end" }));
  await expect.poll(() => ben.unread(ada.name)).toBeLessThan(22);
  const half = await ben.unread(ada.name);
  expect(half, "neither all nor nothing").toBeGreaterThan(10);
  await expect.poll(() => other.unread(ada.name), { message: "the other tab follows" }).toBe(half);

  // Back up: a mark never goes back, here or in the store.
  await ben.message("line 2").evaluate((row) => row.scrollIntoView());
  await expect(ben.message("line 2")).toBeInViewport();
  await ben.message("line 22").evaluate((row) => row.scrollIntoView({ block: "end" }));
  await expect.poll(() => ben.unread(ada.name)).toBeLessThan(half);
  await ben.message("line 2").evaluate((row) => row.scrollIntoView());
  const left = await ben.unread(ada.name);
  await expect.poll(() => other.unread(ada.name)).toBe(left);
  await other.open("/c");
  expect(await other.unread(ada.name)).toBe(left);

  await ben.page.getByRole("button", { name: /^\d+ new/ }).click();
  await expect(ben.message("line 39")).toBeInViewport();
  await expect.poll(() => other.unread(ada.name)).toBe(0);
});

test("who goes up with a key begins where they read, not at the end", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  const id = await unread(ada, ben, 40);
  await ben.open(`/c/${id}/12`);
  await expect(ben.message("line 10")).toBeInViewport();
  await ben.messages.focus();
  await ben.page.keyboard.press("ArrowUp");
  const row = ben.page.locator("li.message:focus");
  await expect(row).toBeInViewport();
  expect(Number(await row.getAttribute("data-seq"))).toBeLessThan(35);
  await expect(ben.message("line 10"), "nothing scrolled away").toBeInViewport();
});

test("what is new begins further up than the page: a button leads there, and nothing is read before", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  const id = await unread(ada, ben, 120);
  await ben.line(ada.name).click();
  await expect(ben.message("line 119")).toBeInViewport();
  const jump = ben.page.getByRole("button", { name: /^120 new.*jump to the first/ });
  await expect(jump).toBeVisible();
  await expect(ben.messages.getByText("New", { exact: true }), "a line where new does not begin would lie").toHaveCount(0);
  await ada.post({ conversation_id: id, content: "one more" });
  await expect(ben.message("one more")).toBeInViewport();
  expect(await ben.unread(ada.name)).toBe(121);

  await ben.page.getByRole("button", { name: /^121 new/ }).focus();
  await ben.page.keyboard.press("Enter");
  const line = ben.messages.getByRole("listitem").filter({ hasText: /^New$/ });
  await expect(line).toBeInViewport();
  await expect(line).toBeFocused();
  await expect(ben.message("line 0")).toBeInViewport();
  await expect(jump).toHaveCount(0);
  await expect.poll(() => ben.unread(ada.name)).toBeLessThan(121);
  expect(await ben.unread(ada.name)).toBeGreaterThan(90);
});

test("Escape, or a button, takes all of it as read", async ({ person, browserOf }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  const id = await unread(ada, ben, 70);
  const phone = await (await browserOf()).newPage();
  await phone.goto("/");
  await signIn(phone, ben.name, password);
  await phone.waitForURL("**/c");
  const badge = phone.getByRole("link", { name: new RegExp(ada.name) });
  await expect(badge).toHaveAccessibleName(/70 unread/);

  await ben.line(ada.name).click();
  await ben.page.getByRole("button", { name: "Mark as read" }).click();
  await expect(ben.page.getByRole("button", { name: "Mark as read" })).toHaveCount(0);
  await expect(badge, "the other device follows").not.toHaveAccessibleName(/unread/);
  await expect(ben.page).toHaveTitle(/^[^(]/);

  await ben.open("/c");
  await ada.postLines(70, id, "again");
  await expect.poll(() => ben.unread(ada.name)).toBe(70);
  await ben.line(ada.name).click();
  await expect(ben.page.getByRole("button", { name: "Mark as read" })).toBeVisible();
  await ben.page.keyboard.press("Escape");
  await expect(badge).not.toHaveAccessibleName(/unread/);
});

test("a hidden tab reads nothing, nor does a page of older messages", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ben.startChat(ada.name, "hello");
  const id = ben.conversation;
  const other = await ben.tab();
  await ben.look(false);
  await ada.postLines(3, id);
  await expect(ben.message("line 2")).toHaveCount(1);
  await expect.poll(() => other.unread(ada.name)).toBe(3);
  expect(await ben.unread(ada.name)).toBe(3);
  await other.page.goto(`/c/${id}?before=4`);
  await expect(other.page.getByText("line 0", { exact: true })).toBeVisible();
  await other.open("/c");
  expect(await other.unread(ada.name), "asked of the store").toBe(3);
  await ben.look(true);
  await expect.poll(() => other.unread(ada.name)).toBe(0);
});

test("what was missed in a break is not read before it was in view", async ({ person, browserOf, watch }) => {
  watch.expect(/WebSocket/, /ERR_/, /status of 50\d/);
  const back = { timeout: 35_000 };
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ben.startChat(ada.name, "hello");
  const id = ben.conversation;
  const phone = await (await browserOf()).newPage();
  await phone.goto("/");
  await signIn(phone, ben.name, password);
  await phone.waitForURL("**/c");
  const badge = phone.getByRole("link", { name: new RegExp(ada.name) });
  await ada.postLines(3, id, "before");
  await expect(ben.message("before 2")).toBeInViewport();
  await expect(badge, "seen as it came").not.toHaveAccessibleName(/unread/);

  await ben.context.setOffline(true);
  await expect(ben.page.getByRole("status").filter({ hasText: /Offline/ })).toBeVisible();
  await ada.postLines(80, id);
  await expect(badge).toHaveAccessibleName(/80 unread/);
  await ben.context.setOffline(false);
  const line = ben.messages.getByText("New", { exact: true });
  await expect(line).toBeInViewport(back);
  await expect(ben.message("line 0")).toBeInViewport();
  await expect(ben.message("line 79")).toHaveCount(1);
  await expect(ben.message("line 79")).not.toBeInViewport();
  await expect(ben.page.getByRole("button", { name: /^\d+ new/ }), "the rest is below").toBeVisible();
  // What is in view is told; the rest is unread on every device.
  await expect(badge).not.toHaveAccessibleName(/80 unread/);
  await expect(badge).toHaveAccessibleName(/[4-7]\d unread/);
  await ben.page.getByRole("button", { name: /^\d+ new/ }).click();
  await expect(ben.message("line 79")).toBeInViewport();
  await expect(badge).not.toHaveAccessibleName(/unread/);

  // A break in which nothing was missed leaves no line behind for what comes next.
  const readies = ben.readies;
  await ben.context.setOffline(true);
  await expect(ben.page.getByRole("status").filter({ hasText: /Offline/ })).toBeVisible();
  await ben.context.setOffline(false);
  await expect.poll(() => ben.readies, back).toBeGreaterThan(readies);
  await ada.post({ conversation_id: id, content: "then" });
  await expect(ben.message("then")).toBeInViewport();
  await expect(badge).not.toHaveAccessibleName(/unread/);
});

test("what arrives is read out once; what is loaded above is not", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  const id = await unread(ada, ben, 60);
  await ben.open(`/c/${id}`);
  // Two places take turns, so that what is said twice is heard twice.
  const voices = ben.page.locator("p[aria-live=polite]");
  const said = async () => (await voices.allInnerTexts()).map((text) => text.trim()).filter((text) => text !== "");
  await ben.page.getByRole("button", { name: /jump to the first/ }).click();
  await expect(ben.message("line 0")).toBeInViewport();
  expect(await said()).toEqual([]);
  await ada.post({ conversation_id: id, content: "listen" });
  const listen = expect.stringContaining("listen");
  await expect.poll(said).toEqual([listen]);
  const last = (await voices.allInnerTexts()).findIndex((text) => text !== "");
  await ada.post({ conversation_id: id, content: "listen" });
  await expect.poll(said).toEqual([listen]);
  await expect(voices.nth(1 - last), "the same again, in the other place").toHaveText(/listen/);
});

test("from further up one button leads to the latest, where nothing new is, too", async ({ person }) => {
  const ben = await person("ben");
  const ada = await person("ada", { viewport: sizes.phone, hasTouch: true, isMobile: true });
  await ben.startChat(ada.name, "line 0");
  await ada.postLines(45, ben.conversation, "further line");
  await ada.open(ben.path);
  const latest = ada.page.getByRole("button", { name: "Latest" });
  await expect(ada.message("further line 44")).toBeInViewport();
  await expect(latest).toHaveCount(0);
  await ada.message("further line 10").evaluate((row) => row.scrollIntoView());
  await latest.tap();
  await expect(ada.message("further line 44")).toBeInViewport();
  await expect(latest).toHaveCount(0);
});
