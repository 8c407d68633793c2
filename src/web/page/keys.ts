// The keys of the page, for its help. Each panel lists its own.
import { signal } from '@preact/signals';

export interface KeyHelp {
  /** As a reader knows them: `Shift+Home`. */
  readonly keys: string;
  readonly does: string;
}

/** By the panel's title, in the order in which panels were listed. */
export const KEYS = signal<ReadonlyMap<string, readonly KeyHelp[]>>(new Map());

/** Adds a panel's keys to the help, or replaces them. */
export function listKeys(panel: string, keys: readonly KeyHelp[]): void {
  KEYS.value = new Map([...KEYS.value, [panel, keys]]);
}

/** Whether a key press is text that someone types, and no command to the page. */
export function isTyping({ target }: KeyboardEvent): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, select, textarea, [contenteditable]') !== null
  );
}
