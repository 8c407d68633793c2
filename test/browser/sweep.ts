// A sweep over the buttons of a page: two pages get the same presses, one by mouse and one by
// keyboard. Whatever a press brings (a dialog, a menu, a further button) is pressed too.
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { waitForRun } from './bench.ts';
import type { OpenPage } from './chromium.ts';

/** One of the two pages. */
export interface Swept {
  readonly shown: OpenPage;
  press(button: Locator): Promise<void>;
}

export interface SweepPlan {
  readonly mouse: Swept;
  readonly keys: Swept;
  /** Makes buttons usable that need something first, such as a text. Done before each press. */
  prepare(page: Page): Promise<void>;
  /** Presses, and resolves when the page shows what came of it. */
  pressAndSettle(page: Page, press: () => Promise<void>): Promise<void>;
  /** Kinds that come and go by themselves. They have tests of their own. */
  readonly transient: ReadonlySet<string>;
  /** Kinds after which little can be pressed. */
  readonly last: ReadonlySet<string>;
}

export interface Sweep {
  /** The kinds that were pressed, in this order. */
  readonly pressed: readonly string[];
  /** Presses after which the two pages were not alike. */
  readonly differing: readonly string[];
  /** The kinds of buttons that the page had at some time, and that were never pressed. */
  readonly missed: readonly string[];
}

/** So large that an open menu does not cover all rows of the table below it. */
export const SWEPT_PAGE = {
  viewport: { width: 1600, height: 1200 },
  reducedMotion: 'reduce',
} as const;

const BUTTONS = 'button, [role="button"], summary';
const NEXT_FRAME =
  'new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))';

/**
 * Buttons of one kind do the same to another thing: numbers do not matter, nor which row of a list
 * it is in. Tabs are opened one by one anyway.
 */
const LIST_BUTTONS = `(() => {
  const over = [...document.querySelectorAll(':modal, :popover-open')].at(-1);
  const kindOf = (button) => {
    const own = button.getAttribute('aria-label')?.replace(/^Meaning of .*/, 'Meaning of a level');
    const row = button.closest('li, tr');
    const place = row?.closest('[aria-label]')?.getAttribute('aria-label');
    const isItem = button.getAttribute('role') === 'menuitem';
    const text = ((isItem && button.firstElementChild) || button).textContent.trim();
    // \`Filter: 1\` opens and closes the same part as \`Filter\`.
    if (button.tagName === 'SUMMARY') return text.replace(/:.*/, '');
    return (own ?? (row ? 'row of ' + place : text)).replace(/ ?\\d+/g, '');
  };
  const isOnTop = (button) => {
    const { x, y, width, height } = button.getBoundingClientRect();
    return button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
  };
  return [...document.querySelectorAll(${JSON.stringify(BUTTONS)})].map((button) => ({
    kind: kindOf(button),
    isTab: button.getAttribute('role') === 'tab',
    isUsable:
      button.checkVisibility({ visibilityProperty: true }) && button.disabled !== true &&
      (over === undefined || over.contains(button)),
    isOver: over !== undefined,
    isOnTop: isOnTop(button),
  }));
})()`;

/**
 * It depends on the machine; and an editor draws no lines but those near its view, which a mouse
 * and keys bring to different places.
 */
const VARYING = /[\d.]+ seeds a second|(?<=textbox "Script": ).*/g;

interface ListedButton {
  readonly kind: string;
  readonly isTab: boolean;
  /** It can be seen and pressed now. */
  readonly isUsable: boolean;
  /** Something lies over the page. */
  readonly isOver: boolean;
  /** It is where one looks. The rows of a long table are not. */
  readonly isOnTop: boolean;
}

async function listButtons(page: Page): Promise<ListedButton[]> {
  await page.evaluate(NEXT_FRAME);
  return (await page.evaluate(LIST_BUTTONS)) as ListedButton[];
}

/** A menu closes with each press of one of its items. */
const MOST_PRESSES = 10;
const MOST_DEEP = 5;

function tellButtons(buttons: readonly ListedButton[]): string[] {
  return buttons.map(({ kind, isUsable }) => (isUsable ? kind : `(${kind})`));
}

export async function sweepButtons(plan: SweepPlan): Promise<Sweep> {
  const sweeper = new Sweeper(plan);
  const tabs = await plan.mouse.shown.page.getByRole('tab').allInnerTexts();
  for (const tab of tabs) {
    await sweeper.open(tab);
    await sweeper.pressAll(false);
  }
  await sweeper.open(tabs[0] ?? '');
  await sweeper.pressAll(true);
  return sweeper.result();
}

class Sweeper {
  readonly #plan: SweepPlan;
  readonly #seen = new Set<string>();
  readonly #pressed = new Set<string>();
  readonly #differing: string[] = [];
  /** By kind: the kind whose press has brought it. */
  readonly #openerOf = new Map<string, string>();
  readonly #timesPressed = new Map<string, number>();

  constructor(plan: SweepPlan) {
    this.#plan = plan;
  }

  async open(tab: string): Promise<void> {
    await this.#inBoth(async ({ shown: { page } }) => {
      await page.reload();
      await waitForRun(page);
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('tabpanel', { name: tab }).waitFor();
    });
  }

  /** Until every button here is of a kind that was pressed; the last ones at the end. */
  async pressAll(isEnd: boolean): Promise<void> {
    let last = 'nothing';
    for (;;) {
      await this.#inBoth(({ shown: { page } }) => this.#prepare(page));
      const buttons = await listButtons(this.#plan.mouse.shown.page);
      const byKeys = await listButtons(this.#plan.keys.shown.page);
      expect([last, tellButtons(byKeys)]).toEqual([last, tellButtons(buttons)]);
      const index = this.#choose(buttons, last, isEnd);
      if (index !== undefined) {
        last = buttons[index]?.kind ?? '';
        await this.#press(index, last);
      } else if (buttons.some(({ isOver }) => isOver)) {
        await this.#inBoth(({ shown: { page } }) => page.keyboard.press('Escape'));
      } else return;
    }
  }

  result(): Sweep {
    const missed = [...this.#seen].filter((kind) => !this.#pressed.has(kind));
    return { pressed: [...this.#pressed], differing: this.#differing, missed };
  }

  /** A filter that can be undone, and what the plan has. */
  async #prepare(page: Page): Promise<void> {
    const lane = page.getByRole('group', { name: 'Nodes' }).getByRole('checkbox').first();
    if (await lane.isVisible()) await lane.uncheck();
    await this.#plan.prepare(page);
  }

  /** `last` was pressed last. */
  #choose(buttons: readonly ListedButton[], last: string, isEnd: boolean): number | undefined {
    const { transient, last: atLast } = this.#plan;
    const known = buttons.filter(({ kind, isTab }) => !isTab && !transient.has(kind));
    for (const { kind, isUsable } of known) {
      if (isUsable && !this.#openerOf.has(kind)) this.#openerOf.set(kind, last);
      this.#seen.add(kind);
    }
    const usable = new Set(known.flatMap(({ kind, isUsable }) => (isUsable ? kind : [])));
    const fresh = [...usable].filter((kind) => !this.#pressed.has(kind));
    const atEnd = isEnd ? fresh[0] : undefined;
    const kind = fresh.find((one) => !atLast.has(one)) ?? this.#chooseOpener(usable) ?? atEnd;
    if (kind === undefined) return undefined;
    const onTop = buttons.findIndex((one) => one.kind === kind && one.isUsable && one.isOnTop);
    return onTop === -1 ? buttons.findIndex((one) => one.kind === kind && one.isUsable) : onTop;
  }

  /** Of a kind that was seen, but closed again before it was pressed. */
  #chooseOpener(usable: ReadonlySet<string>): string | undefined {
    for (const missed of this.#seen) {
      if (this.#pressed.has(missed)) continue;
      let opener = this.#openerOf.get(missed);
      for (let depth = 0; depth < MOST_DEEP && opener !== undefined; depth += 1) {
        const times = this.#timesPressed.get(opener) ?? 0;
        if (usable.has(opener) && times < MOST_PRESSES) return opener;
        opener = this.#openerOf.get(opener);
      }
    }
    return undefined;
  }

  async #press(index: number, kind: string): Promise<void> {
    this.#pressed.add(kind);
    this.#timesPressed.set(kind, (this.#timesPressed.get(kind) ?? 0) + 1);
    const after = await this.#inBoth(async ({ shown, press }) => {
      const { page, problems } = shown;
      const button = page.locator(BUTTONS).nth(index);
      await this.#plan.pressAndSettle(page, () => press(button));
      await page.evaluate(NEXT_FRAME);
      expect([kind, problems]).toEqual([kind, []]);
      const after = await page.locator('body').ariaSnapshot();
      return after.replaceAll(VARYING, '');
    });
    if (after[0] !== after[1]) this.#differing.push([kind, ...linesThatDiffer(after)].join('\n'));
  }

  #inBoth<T>(act: (swept: Swept) => Promise<T>): Promise<[T, T]> {
    const { mouse, keys } = this.#plan;
    return Promise.all([act(mouse), act(keys)]);
  }
}

/** Of two texts, the lines that only one has. */
function linesThatDiffer([mouse, keys]: readonly [string, string]): string[] {
  const [a, b] = [mouse.split('\n'), keys.split('\n')];
  const only = (lines: string[], others: string[], who: string): string[] =>
    lines.filter((line) => !others.includes(line)).map((line) => `${who}: ${line.trim()}`);
  return [...only(a, b, 'mouse'), ...only(b, a, 'keys')];
}

/** Where a click meets the button's own shape. A link of the topology has others across it. */
async function clickOpenly(button: Locator): Promise<void> {
  const point = await button.evaluate((element) => {
    element.scrollIntoView({ block: 'center', inline: 'center' });
    const { x, y, width, height } = element.getBoundingClientRect();
    for (const part of [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]) {
      for (const down of [part, 1 - part]) {
        const at = { x: x + width * part, y: y + height * down };
        if (element.contains(element.ownerDocument.elementFromPoint(at.x, at.y))) return at;
      }
    }
    return undefined;
  });
  if (point === undefined) await button.click();
  else await button.page().mouse.click(point.x, point.y);
}

export const byMouse = (shown: OpenPage): Swept => ({ shown, press: clickOpenly });

export const byKeys = (shown: OpenPage): Swept => ({
  shown,
  press: (button) => button.press('Enter'),
});
