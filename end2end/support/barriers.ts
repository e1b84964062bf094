// What of a page is not accessible to all.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const ofColours = ["color-contrast", "link-in-text-block"];

/**
 * The barriers of a page as it stands, in light and in dark, each with what page it is on. A scheme changes colours and
 * nothing else: in dark, the rules of colours are asked again.
 */
export async function barriers(page: Page, name: string): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    // What passed is not described, and no second page is opened to gather frames: there are none.
    const axe = new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).setLegacyMode(true);
    const { violations } = await (colorScheme === "light" ? axe.withTags(tags) : axe.withRules(ofColours)).analyze();
    const targets = (nodes: { target: unknown[] }[]) => nodes.map((node) => node.target.join(" ")).join(", ");
    found.push(...violations.map(({ id, help, nodes }) => `${name}, ${colorScheme}: ${id} (${help}): ${targets(nodes)}`));
  }
  await page.emulateMedia({ colorScheme: "light" });
  return found;
}
