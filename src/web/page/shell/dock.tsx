// The lower right of the page: one tab for the servers at the cursor, one for each further panel.
import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';

export interface Tab {
  readonly name: string;
  readonly title: string;
  readonly content: () => ComponentChildren;
}

interface DockProps {
  readonly tabs: readonly Tab[];
  readonly isLarge: boolean;
  readonly onLarge: (isLarge: boolean) => void;
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** A tab keeps what is in it when another is chosen; it is not made before it is chosen first. */
export function Dock({ tabs, isLarge, onLarge }: DockProps) {
  const chosen = useSignal(tabs[0]?.name ?? '');
  const opened = useRef(new Set<string>());
  opened.current.add(chosen.value);
  return (
    <div class="shell-dock">
      <div class="shell-tabs">
        <TabList tabs={tabs} chosen={chosen} />
        <button
          type="button"
          class="shell-button shell-large"
          aria-pressed={isLarge}
          onClick={() => onLarge(!isLarge)}
        >
          {isLarge ? 'Show the diagram' : 'Enlarge'}
        </button>
      </div>
      {tabs
        .filter(({ name }) => opened.current.has(name))
        .map(({ name, content }) => (
          <div
            key={name}
            class={`shell-tabpanel shell-tabpanel-${name}`}
            role="tabpanel"
            id={`panel-${name}`}
            aria-labelledby={`tab-${name}`}
            hidden={chosen.value !== name}
          >
            {content()}
          </div>
        ))}
    </div>
  );
}

interface TabListProps {
  readonly tabs: readonly Tab[];
  /** The chosen tab's name. */
  readonly chosen: Signal<string>;
}

function TabList({ tabs, chosen }: TabListProps) {
  const list = useRef<HTMLDivElement>(null);
  const step = (by: number): void => {
    const at = tabs.findIndex(({ name }) => name === chosen.value);
    const next = (at + by + tabs.length) % tabs.length;
    chosen.value = tabs[next]?.name ?? '';
    list.current?.querySelectorAll('button')[next]?.focus();
  };
  return (
    <div
      ref={list}
      role="tablist"
      aria-label="Panels"
      onKeyDown={({ key }) => {
        const by = STEPS[key];
        if (by !== undefined) step(by);
      }}
    >
      {tabs.map(({ name, title }) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-controls={`panel-${name}`}
          aria-selected={chosen.value === name}
          tabIndex={chosen.value === name ? 0 : -1}
          onClick={() => {
            chosen.value = name;
          }}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
