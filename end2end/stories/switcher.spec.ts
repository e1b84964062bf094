// Going somewhere by a few letters: by keys, by touch, and when the server is slow or away.
import type { Locator } from "@playwright/test";
import { barriers } from "../support/barriers.ts";
import type { Person } from "../support/person.ts";
import { sizes } from "../support/rooms.ts";
import { expect, test, unique } from "../support/story.ts";

const dialog = (who: Person) => who.page.getByRole("dialog", { name: "Go to" });
const field = (who: Person) => who.page.getByRole("combobox", { name: "Find a person, group or room" });
const place = (who: Person, name: string | RegExp) => dialog(who).getByRole("option", { name });
const places = (who: Person) => dialog(who).getByRole("option");

async function open(who: Person): Promise<void> {
  await who.page.keyboard.press("Control+k");
  await expect(field(who)).toBeFocused();
}

/** The one that Enter takes: marked to the eye, and named to who listens. */
async function expectMarked(who: Person, option: Locator): Promise<void> {
  await expect(option).toHaveAttribute("aria-selected", "true");
  await expect(field(who)).toHaveAttribute("aria-activedescendant", (await option.getAttribute("id"))!);
  await expect(dialog(who).locator("[aria-selected=true]")).toHaveCount(1);
}

async function makeRoom(who: Person, title: string): Promise<void> {
  const form = { kind: "room", title, open: "true" };
  const response = await who.context.request.post("/api/conversation-create", { form, headers: { accept: "application/json" } });
  expect(response.status()).toBe(200);
}

test("by keys: the latest conversations, then whatever is typed", async ({ person }) => {
  const [ada, ben, cleo, dora] = [await person("ada"), await person("ben"), await person("cleo"), await person("dora")];
  await ada.startChat(ben.name, "hello Ben");
  await ada.startChat(cleo.name, "hello Cleo");
  await dora.post({ target_id: ada.name, content: "are you there?" });
  await ada.line(ben.name).click();
  await expect(ada.message("hello Ben")).toBeVisible();
  await expect(ada.line(dora.name)).toBeVisible();
  await ada.post({ target_id: cleo.name, content: "once more" });
  await expect(ada.line(cleo.name)).toContainText("once more");

  // From the composer, with what was written in it; unread ones first, then the latest.
  await ada.composer.fill("half a thought");
  await open(ada);
  await expect(places(ada)).toHaveCount(3);
  await expect(places(ada).nth(0)).toContainText(dora.name);
  await expect(places(ada).nth(0)).toContainText("unread");
  await expect(places(ada).nth(1)).toContainText(cleo.name);
  await expect(places(ada).nth(1)).not.toContainText("unread");
  await expectMarked(ada, places(ada).nth(0));
  await ada.page.keyboard.press("ArrowUp");
  await expectMarked(ada, places(ada).nth(2));
  await ada.page.keyboard.press("Home");
  await expectMarked(ada, places(ada).nth(0));
  await ada.page.keyboard.press("End");
  await expectMarked(ada, places(ada).nth(2));
  await ada.page.keyboard.press("ArrowDown");
  await expectMarked(ada, places(ada).nth(0));
  await ada.page.keyboard.press("Escape");
  await expect(dialog(ada)).toBeHidden();
  await expect(ada.composer).toBeFocused();
  await expect(ada.composer).toHaveValue("half a thought");

  // Case is left aside.
  await open(ada);
  await ada.page.keyboard.type(cleo.name.toUpperCase());
  await expectMarked(ada, place(ada, new RegExp(cleo.name)));
  await ada.page.keyboard.press("Enter");
  await expect(dialog(ada)).toBeHidden();
  await expect(ada.message("once more")).toBeVisible();
  await expect(ada.composer).toBeFocused();
  await ada.page.goBack();
  await expect(ada.message("hello Ben")).toBeVisible();
  await expect(ada.composer).toHaveValue("half a thought");

  // Once more, and without a way to anything of that name.
  await open(ada);
  await expect(field(ada)).toHaveValue("");
  await ada.page.keyboard.type("no such name at all");
  await expect(dialog(ada).getByRole("status")).toHaveText("Nothing of that name was found.");
  await ada.page.keyboard.press("Enter");
  await expect(dialog(ada)).toBeVisible();
});

test("people and open rooms that one does not know yet", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  const [open_to_all, joined] = [unique("Zebras & co"), unique("Zebras mine")];
  await makeRoom(ben, open_to_all);
  await makeRoom(ada, joined);
  await expect(ada.line(joined)).toBeVisible();
  await open(ada);
  await ada.page.keyboard.type("zebras");
  await expect(place(ada, new RegExp(`${open_to_all}.*open room`))).toBeVisible();
  await expect(place(ada, new RegExp(joined)), "known and found: once").toHaveCount(1);
  await expect(dialog(ada).getByRole("status")).toHaveText(/^\d+ found$/);
  await field(ada).fill(open_to_all);
  await expectMarked(ada, place(ada, new RegExp(open_to_all)));
  await ada.page.keyboard.press("Enter");
  await ada.page.getByRole("button", { name: new RegExp(`^Join .*${open_to_all}`) }).click();
  await expect(ada.page.getByRole("heading", { name: open_to_all })).toBeVisible();

  await open(ada);
  await ada.page.keyboard.type(ben.name.slice(0, -1));
  await expectMarked(ada, place(ada, new RegExp(ben.name)));
  await ada.page.keyboard.press("Enter");
  await expect(ada.page.getByRole("textbox", { name: "To" })).toHaveValue(ben.name);
  await ada.composer.fill("hello");
  await ada.composer.press("Enter");
  await ada.page.waitForURL(/\/c\/\d+$/);

  // Whom one writes with is there once.
  await open(ada);
  await ada.page.keyboard.type(ben.name.slice(0, -1));
  const answered = ada.page.waitForResponse("**/api/room-list*");
  await answered;
  await expect(dialog(ada).getByRole("status")).toHaveText("1 found");
});

test("an answer that comes late, out of turn or never", async ({ person, watch }) => {
  watch.expect(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|WebSocket/);
  const [ada, ben, cleo] = [await person("ada"), await person("ben"), await person("cleo")];
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let asked = 0;
  await ada.page.route("**/api/user-list*", async (route) => {
    if (asked++ === 0) await released;
    await route.continue();
  });
  await open(ada);
  await ada.page.keyboard.type(ben.name);
  await expect.poll(() => asked).toBe(1);
  await expect(dialog(ada).getByText("Loading…")).toBeVisible();
  await field(ada).fill(cleo.name);
  await expect(place(ada, new RegExp(cleo.name))).toBeVisible();
  const late = ada.page.waitForResponse("**/api/user-list*");
  release();
  await (await late).finished();
  await ada.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100))));
  await expect(places(ada)).toHaveCount(1);

  await ada.context.setOffline(true);
  await field(ada).fill("somebody");
  await expect(dialog(ada).getByRole("status")).toHaveText("Only your own conversations could be searched.");
  await ada.context.setOffline(false);
  await field(ada).fill(ben.name);
  await expect(place(ada, new RegExp(ben.name))).toBeVisible();
});

test("by touch, on a phone", async ({ person }) => {
  const ada = await person("ada", { viewport: sizes.phone, hasTouch: true, isMobile: true });
  const ben = await person("ben");
  await ben.startChat(ada.name, "from the desk");
  await expect(ada.line(ben.name)).toBeVisible();
  const button = ada.page.getByRole("button", { name: "Go to", exact: true });
  expect((await button.boundingBox())!.height).toBeGreaterThanOrEqual(44);
  await button.tap();
  await field(ada).fill("ben");
  const found = place(ada, new RegExp(ben.name)).first();
  const [box, close] = [await found.boundingBox(), await dialog(ada).getByRole("button", { name: "Close" }).boundingBox()];
  expect(Math.min(box!.height, close!.height)).toBeGreaterThanOrEqual(44);
  expect(box!.x + box!.width).toBeLessThanOrEqual(sizes.phone.width);
  await found.tap();
  await expect(dialog(ada)).toBeHidden();
  await expect(ada.message("from the desk")).toBeVisible();
});

test("without scripts there is nothing that does not work", async ({ person }) => {
  const ada = await person("ada", { javaScriptEnabled: false });
  await expect(ada.page.getByRole("link", { name: "New chat" }).first()).toBeVisible();
  await expect(ada.page.getByRole("button", { name: "Go to", exact: true })).toBeHidden();
});

for (const [size, viewport] of Object.entries(sizes)) {
  test(`accessible on ${size}`, async ({ person, watch }) => {
    watch.expect(/ERR_INTERNET_DISCONNECTED|WebSocket/);
    const [ben, cleo] = [await person("ben"), await person("Жанна")];
    const ada = await person("ada", { viewport });
    await ben.startChat(ada.name, "hello");
    await cleo.startChat(ada.name, "hello");
    await makeRoom(ada, unique("A room with a title that is too long"));
    await makeRoom(ben, unique("A place to be"));
    const states: Record<string, () => Promise<unknown>> = {
      latest: () => open(ada),
      found: async () => {
        await field(ada).fill("a");
        await expect(dialog(ada).getByRole("status")).toHaveText(/^\d+ found$/);
      },
      nothing: async () => {
        await field(ada).fill("nothing of that name");
        await expect(dialog(ada).getByText("Nothing of that name was found.")).toBeVisible();
      },
      offline: async () => {
        await ada.context.setOffline(true);
        await field(ada).fill("ben");
        await expect(dialog(ada).getByText("Only your own conversations")).toBeVisible();
      },
    };
    for (const [name, visit] of Object.entries(states)) {
      await visit();
      if (process.env.PICTURES) await ada.page.screenshot({ path: `${process.env.PICTURES}/${name}-${size}.png` });
      expect(await barriers(ada.page, name)).toEqual([]);
      const sticksOut = await ada.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(sticksOut, name).toBeLessThanOrEqual(0);
    }
  });
}
