// What one sets for oneself: what others read of one, how pages look, who sees that one is here, and on which devices.
import type { Page } from "@playwright/test";
import { type Person, tabTo } from "../support/person.ts";
import { expect, test } from "../support/story.ts";

/** The settings in a tab of their own, so that the chat stays open beside them. */
async function settings(who: Person): Promise<Page> {
  const page = await who.context.newPage();
  await page.goto("/settings");
  return page;
}

const saved = (page: Page, sentence = "Saved.") => page.getByRole("status").filter({ hasText: sentence });

/** What the page asks of the browser, and how light its ground is. */
const shade = (page: Page) =>
  page.evaluate(() => {
    const ground = document.createElement("canvas").getContext("2d")!;
    ground.fillStyle = getComputedStyle(document.body).backgroundColor;
    ground.fillRect(0, 0, 1, 1);
    const [red, green, blue] = ground.getImageData(0, 0, 1, 1).data;
    const light = (red! + green! + blue!) / 3;
    return `${getComputedStyle(document.documentElement).colorScheme}: ${light > 200 ? "light" : light < 60 ? "dark" : light}`;
  });

test("what one says of oneself: who talks to one sees it at once, and it stands", async ({ person, watch }) => {
  watch.expect(/status of 4\d\d/);
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ben.startChat(ada.name, "hello");
  await ada.line(ben.name).click();
  await expect(ada.page.getByRole("heading", { name: ben.name })).toBeVisible();

  const page = await settings(ben);
  const fields = {
    "Display name": "Benedikt the Great",
    "About you": "Tea, mostly green.\nNever before nine.",
    "Time zone": "Asia/Tokyo",
  };
  for (const [label, text] of Object.entries(fields)) await page.getByLabel(label).fill(text);
  await page.getByLabel("Time zone").fill("on the moon");
  await page.getByRole("button", { name: "Save profile" }).click();
  await expect(page.getByRole("alert")).toContainText(/time zone/i);
  await expect(page.getByLabel("Display name"), "what was typed is kept").toHaveValue("Benedikt the Great");
  await expect(ada.page.getByRole("heading", { name: ben.name })).toBeVisible();
  await page.getByLabel("Time zone").fill("Asia/Tokyo");
  await page.getByRole("button", { name: "Save profile" }).click();
  await expect(saved(page, "Your profile was saved.")).toBeVisible();

  await expect(ada.page.getByRole("heading", { name: "Benedikt the Great" })).toBeVisible();
  await expect(ada.line("Benedikt the Great")).toBeVisible();
  await page.reload();
  for (const [label, text] of Object.entries(fields)) await expect(page.getByLabel(label)).toHaveValue(text);

  await ada.page.getByRole("link", { name: "Profile" }).click();
  await expect(ada.page.getByRole("heading", { name: "Benedikt the Great" })).toBeVisible();
  for (const text of [`@${ben.name}`, "Never before nine.", "Asia/Tokyo"]) {
    await expect(ada.page.getByRole("main")).toContainText(text);
  }
  await expect(ada.page.getByText(/\d+:\d\d.* there now/)).toBeVisible();
});

test("theme and density hold at once, after a reload, and on one's other device", async ({ person, browserOf }) => {
  const [ada, ben] = [await person("ada", { colorScheme: "light" }), await person("ben")];
  await ben.startChat(ada.name, "hello");
  const phone = await ada.device(await browserOf({ colorScheme: "light" }));
  const row = async (who: Person) => (await who.line(ben.name).boundingBox())!.height;
  await expect(ada.line(ben.name)).toBeVisible();
  const comfortable = await row(ada);
  expect(await shade(ada.page)).toBe("light dark: light");

  await ada.page.goto("/settings");
  await ada.page.getByRole("radio", { name: "Dark" }).check();
  await ada.page.getByRole("radio", { name: "Compact" }).check();
  await ada.page.getByRole("button", { name: "Save appearance" }).click();
  await expect(saved(ada.page)).toBeVisible();
  expect(await shade(ada.page)).toBe("dark: dark");
  await ada.page.reload();
  for (const name of ["Dark", "Compact"]) await expect(ada.page.getByRole("radio", { name })).toBeChecked();
  for (const device of [ada, phone]) {
    await device.open("/c");
    expect(await shade(device.page)).toBe("dark: dark");
    expect(await row(device)).toBeLessThan(comfortable);
  }

  // A device that is dark by itself, and somebody who wants it light.
  await phone.page.emulateMedia({ colorScheme: "dark" });
  await phone.page.goto("/settings");
  await phone.page.getByRole("radio", { name: "Light" }).check();
  await phone.page.getByRole("radio", { name: "Comfortable" }).check();
  await phone.page.getByRole("button", { name: "Save appearance" }).click();
  await expect(saved(phone.page)).toBeVisible();
  expect(await shade(phone.page)).toBe("light: light");
  await ada.open("/c");
  expect(await row(ada)).toBe(comfortable);
});

test("the settings by keyboard alone", async ({ person }) => {
  const ada = await person("ada", { colorScheme: "light" });
  const page = ada.page;
  await tabTo(page, page.getByRole("link", { name: "Settings" }));
  await page.keyboard.press("Enter");
  const theme = (name: string) => page.getByRole("group", { name: "Theme" }).getByRole("radio", { name });
  await tabTo(page, theme("As the device has it"));
  await page.keyboard.press("ArrowDown");
  await expect(theme("Light")).toBeChecked();
  await page.keyboard.press("ArrowDown");
  await expect(theme("Dark")).toBeFocused();
  await tabTo(page, page.getByRole("button", { name: "Save appearance" }));
  await page.keyboard.press("Enter");
  await expect(saved(page)).toBeVisible();
  await expect(theme("Dark")).toBeChecked();
  expect(await shade(page)).toBe("dark: dark");
  await tabTo(page, page.getByRole("link", { name: "Back" }));
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/c$/);
  await ada.live(2);
});

test("who hides is gone for others at once, and comes back when they want", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ben.startChat(ada.name, "hello");
  await ada.line(ben.name).click();
  const word = ada.page.locator(".pane-head").getByText(/^(online|away)$/);
  await expect(word).toBeVisible();

  const page = await settings(ben);
  const choose = async (name: string) => {
    await page.getByRole("radio", { name }).check();
    await page.getByRole("button", { name: "Save privacy" }).click();
    await expect(saved(page)).toBeVisible();
  };
  await choose("Nobody sees when you are here");
  await expect(word).toHaveCount(0);
  await expect(ada.line(ben.name)).not.toHaveAccessibleName(/online|away/);
  // Neither a page that is drawn anew nor what they do tells it.
  await ada.open(ada.path);
  await ben.say("I am not here");
  await expect(ada.message("I am not here")).toBeVisible();
  await expect(ada.line(ben.name)).not.toHaveAccessibleName(/online|away/);
  await expect(word).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("radio", { name: "Nobody sees when you are here" })).toBeChecked();

  await choose("Others see when you are here");
  await expect(word).toHaveText("online");
  await expect(ada.line(ben.name)).toHaveAccessibleName(/online/);
});

test("a device is signed out from another one, and says that it was", async ({ person, browserOf, watch }) => {
  watch.expect(/status of 401/);
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "hello");
  const userAgent = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0";
  const phone = await ada.device(await browserOf({ userAgent }));
  await phone.page.goto(ada.path);
  await expect(phone.message("hello")).toBeVisible();

  const page = await settings(ada);
  const devices = page.getByRole("region", { name: "Where you are signed in" });
  const other = devices.getByRole("listitem").filter({ hasText: "Firefox on Android" });
  await expect(devices.getByRole("listitem")).toHaveCount(2);
  await expect(devices.getByRole("listitem").filter({ hasText: "This device" })).toHaveCount(1);
  await expect(other).toHaveCount(1);
  await expect(other).not.toContainText("This device");
  await other.getByRole("button", { name: /^Sign out .*Firefox on Android/ }).click();
  await expect(saved(page, "Signed out there.")).toBeVisible();
  await expect(devices.getByRole("listitem")).toHaveCount(1);
  await phone.page.waitForURL("**/?ended");
  await expect(phone.page.getByText("Your session ended.")).toBeVisible();
  await expect(phone.page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await phone.page.goto(ada.path);
  await expect(phone.page.getByText("hello", { exact: true })).toHaveCount(0);

  // All the others at once; one's own goes on.
  const again = await ada.device(phone.context);
  await page.reload();
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(saved(page, "Signed out there.")).toBeVisible();
  await again.page.waitForURL("**/?ended");
  await expect(page.getByRole("button", { name: "Sign out everywhere else" })).toHaveCount(0);
  await ada.say("still here");
  await ada.open(ada.path);
  await expect(ada.message("still here")).toBeVisible();
});
