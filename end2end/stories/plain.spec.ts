// Without scripts: pages are read, and forms are plain forms.
import { signIn } from "../support/person.ts";
import { expect, test, unique } from "../support/story.ts";

test.describe("without JavaScript", () => {
  const plain = { javaScriptEnabled: false };

  test("one signs up, writes, reads, signs out and in", async ({ person }) => {
    const ben = await person("ben");
    const ada = await person("ada", plain);
    await ada.startChat(ben.name, "no scripts here");
    await ada.say("a second one");
    await expect(ben.line(ada.name)).toContainText("a second one");
    await ben.line(ada.name).click();
    await ben.say("I see you");
    await ada.page.reload();
    await expect(ada.message("I see you")).toBeVisible();

    await ada.signOut();
    await expect(ada.page.getByRole("button", { name: "Sign in" })).toBeVisible();
    await ada.page.goto("/");
    await signIn(ada.page, ada.name);
    await ada.page.waitForURL("**/c");
    await ada.line(ben.name).click();
    await expect(ada.message("no scripts here")).toBeVisible();
  });

  test("errors stand beside the composer, and the text is kept", async ({ person, watch }) => {
    watch.expect(/status of 4\d\d/);
    const [ada, ben] = [await person("ada", plain), await person("ben")];
    const nobody = unique("nobody");
    await ada.page.getByRole("link", { name: "New chat" }).first().click();
    await ada.page.getByRole("textbox", { name: "To" }).fill(nobody);
    await ada.composer.fill("to nobody\nat all");
    await ada.send.click();
    await expect(ada.alert).toBeVisible();
    await expect(ada.composer).toHaveValue("to nobody\nat all");
    await expect(ada.page.getByRole("textbox", { name: "To" })).toHaveValue(nobody);

    // From there on, as if nothing had happened.
    await ada.page.getByRole("textbox", { name: "To" }).fill(ben.name);
    await ada.send.click();
    await expect(ada.messages.getByText("to nobody")).toBeVisible();

    const long = "x".repeat(4_001);
    for (const text of ["   ", long]) {
      await ada.composer.fill(text);
      // The page before looks the same but for what was typed.
      const [answer] = await Promise.all([
        ada.page.waitForResponse((response) => response.request().method() === "POST"),
        ada.send.click(),
      ]);
      expect(answer.status()).toBe(400);
      await expect(ada.alert).toBeVisible();
      await expect(ada.composer).toHaveValue(text);
    }
    await expect(ada.messages.getByText(long)).toHaveCount(0);
  });

  test("a form that is sent twice posts once", async ({ person }) => {
    const ben = await person("ben");
    const ada = await person("ada", plain);
    await ada.startChat(ben.name, "first");
    await ada.composer.fill("sent twice");
    // The same form, once by a program that read the page and once by the button.
    const fields = await ada.page.locator("form", { has: ada.send }).locator("[name]").evaluateAll((inputs) =>
      Object.fromEntries(inputs.map((input) => [(input as HTMLInputElement).name, (input as HTMLInputElement).value])),
    );
    await ada.post({ ...fields, content: "sent twice" });
    await ada.send.click();
    await expect(ada.message("sent twice")).toHaveCount(1);
    await expect(ada.alert).toHaveCount(0);
  });

  test("one says that one read, and it counts no longer", async ({ person }) => {
    const [ada, ben] = [await person("ada", plain), await person("ben")];
    await ben.startChat(ada.name, "read me");
    await ada.page.goto("/c");
    await expect(ada.line(ben.name)).toContainText("1 unread");
    await ada.line(ben.name).click();
    await ada.page.getByRole("button", { name: "Mark as read" }).click();
    await ada.page.waitForURL("**/c");
    await expect(ada.line(ben.name)).toBeVisible();
    await expect(ada.line(ben.name)).not.toContainText("unread");
  });

  test("older messages are a link away", async ({ person }) => {
    const ben = await person("ben");
    const ada = await person("ada", plain);
    await ada.startChat(ben.name, "the very first");
    for (let n = 1; n <= 60; n++) await ada.post({ conversation_id: ada.conversation, content: `line ${n}` });
    await ada.page.goto(ada.path);
    await expect(ada.message("line 60")).toBeVisible();
    await expect(ada.message("the very first")).toHaveCount(0);
    await ada.page.getByRole("link", { name: /older/i }).click();
    await expect(ada.page.getByRole("main").getByText("the very first", { exact: true })).toBeVisible();
  });
});
