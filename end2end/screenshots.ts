// Pictures of every page and state × phone and desktop × light and dark, into shots/. `npm run shots`.
import { join } from "node:path";
import { furnish, inside, outside, plain, reading, schemes, sizes } from "./support/rooms.ts";
import { test } from "./support/story.ts";

const folder = join(import.meta.dirname, "shots");

for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of schemes) {
    test(`${size}, ${colorScheme}`, async ({ browserOf, person, watch }) => {
      watch.expect(/./);
      const guest = await (await browserOf({ viewport, colorScheme })).newPage();
      const shoot = async (page: typeof guest, name: string) => {
        // Nothing is pointed at by chance.
        await page.mouse.move(0, 0);
        await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`), animations: "disabled" });
      };
      for (const [name, visit] of Object.entries(outside)) {
        await visit(guest);
        await shoot(guest, name);
      }
      const ada = await person("ada", { viewport, colorScheme });
      await shoot(ada.page, "empty");
      const others = [await person("ben"), await person("cleo"), await person("Жанна")];
      const conversation = await furnish(ada, others);
      const states = { ...inside(ada, conversation), ...reading(ada, others.at(-1)!, conversation) };
      for (const [name, visit] of Object.entries(states)) {
        await visit();
        await shoot(ada.page, name);
      }
      const eve = await person("eve", { viewport, colorScheme, javaScriptEnabled: false });
      for (const [name, visit] of Object.entries(plain(eve, others[0]!, await furnish(eve, [others[0]!])))) {
        await visit();
        await shoot(eve.page, name);
      }
    });
  }
}
