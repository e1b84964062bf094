// What goes out of a conversation and into it by the clipboard: links, texts, and nothing but text.
import type { Locator } from "@playwright/test";
import { pair, type Person } from "../support/person.ts";
import { expect, test } from "../support/story.ts";

const permissions = ["clipboard-read", "clipboard-write"];

/** An entry of a message's menu. */
async function entry(who: Person, text: string, name: string): Promise<Locator> {
  return (await who.more(who.row(text))).getByRole("menuitem", { name });
}

const copied = (who: Person) => who.page.evaluate(() => navigator.clipboard.readText());

test("a copied link leads to its message, and a copied text is what was written", async ({ person }) => {
  const [ada, ben] = await pair((name) => person(name, { permissions }));
  const id = ada.conversation;
  await ada.post({ conversation_id: id, content: "**bold**, as typed" });
  await ada.postLines(40, id);
  await ben.open(`/c/${id}/2`);
  await expect(ben.message("bold")).toBeVisible();
  await (await entry(ben, "bold", "Copy text")).click();
  await expect.poll(() => copied(ben)).toBe("**bold**, as typed");
  await (await entry(ben, "bold", "Copy link")).click();
  const link = new URL(`/c/${id}/2`, ben.page.url()).href;
  await expect.poll(() => copied(ben)).toBe(link);

  // Whoever is in the conversation gets there by it.
  await ada.open(new URL(link).pathname);
  await expect(ada.messages.locator('li.message[data-seq="2"]')).toBeFocused();
  await expect(ada.message("bold")).toBeInViewport();
});

test("what is pasted is text, whatever else it was", async ({ person }) => {
  const [ada, ben] = await pair((name) => person(name, { permissions }));
  await ben.line(ada.name).click();
  await expect(ben.message("start")).toBeVisible();
  await ada.page.evaluate(async () => {
    const kinds = { "text/html": "<h1>Big</h1><p><b>fat</b> &amp; <a href='https://evil.example'>link</a></p>", "text/plain": "Big\nfat & link" };
    const blobs = Object.entries(kinds).map(([type, text]) => [type, new Blob([text], { type })]);
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
  });
  await ada.composer.pressSequentially("say: ");
  await ada.page.keyboard.press("Control+v");
  await expect(ada.composer).toHaveValue("say: Big\nfat & link");
  await expect(ada.composer.locator("*")).toHaveCount(0);
  await ada.page.keyboard.press("Enter");
  const said = ben.row("say: Big fat & link").locator(".said");
  await expect(said).toBeVisible();
  await expect(said.locator("h1, b, strong, a")).toHaveCount(0);
  expect((await ben.stored(ada.conversation)).map(({ content }) => content)).toContain("say: Big\nfat & link");
});
