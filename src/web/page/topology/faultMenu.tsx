// The menu of a node or a link: what can be done to it. The chosen line goes into the script.
import { type Signal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { type FaultTarget, faultsOf, peersOf } from '../../cursor/faults.ts';
import { findLink, type Topology } from '../../cursor/topology.ts';
import { describeNode, linkState } from '../../cursor/topologyTexts.ts';
import type { Bench } from '../bench.ts';

export interface Opened {
  readonly target: FaultTarget;
  /** Gets the focus again when the menu closes. */
  readonly opener: SVGGElement;
}

interface Props {
  readonly bench: Bench;
  readonly topology: Topology;
  readonly opened: Signal<Opened | undefined>;
}

export function FaultMenu({ bench, topology, opened }: Props) {
  const menu = useRef<HTMLDivElement>(null);
  useSignalEffect(() => {
    if (opened.value !== undefined && menu.current !== null) show(menu.current, opened.value);
  });
  const target = opened.value?.target;
  const close = (): void => menu.current?.hidePopover();
  const choose = (line: string): void => {
    close();
    bench.insert(line);
  };
  const hasService = (bench.look.value?.service ?? null) !== null;
  const faults = target === undefined ? [] : faultsOf(target, topology, hasService);
  const peers = target?.kind === 'node' ? peersOf(target.id, topology) : [];
  return (
    <div
      ref={menu}
      class="topology-menu"
      popover="auto"
      role="menu"
      aria-label={target && `Faults: ${titleOf(target, topology)}`}
      onKeyDown={(event) => step(event, menu.current)}
      onToggle={(event) => {
        if (event.newState === 'closed') opened.value?.opener.focus();
      }}
    >
      <p aria-hidden="true">{target && titleOf(target, topology)}</p>
      {faults.map(({ label, line }) => (
        <button key={line} type="button" role="menuitem" onClick={() => choose(line)}>
          <span>{label}</span>
          <code>{line}</code>
        </button>
      ))}
      {target !== undefined && faults.length === 0 && peers.length === 0 && (
        <button type="button" role="menuitem" disabled>
          Nothing can be done to it
        </button>
      )}
      {target?.kind === 'node' && peers.length > 0 && (
        <Peers
          peers={peers}
          onChoose={(peer) => {
            const former = opened.value;
            if (former === undefined) return;
            const ends = [target.id, peer] as const;
            opened.value = { target: { kind: 'pair', ends }, opener: former.opener };
          }}
        />
      )}
    </div>
  );
}

interface PeersProps {
  readonly peers: readonly number[];
  readonly onChoose: (peer: number) => void;
}

function Peers({ peers, onChoose }: PeersProps) {
  return (
    <div class="topology-peers">
      <span aria-hidden="true">Link with</span>
      {peers.map((peer) => (
        <button
          key={peer}
          type="button"
          role="menuitem"
          aria-label={`Link with ${peer}`}
          onClick={() => onChoose(peer)}
        >
          {peer}
        </button>
      ))}
    </div>
  );
}

function titleOf(target: FaultTarget, topology: Topology): string {
  if (target.kind === 'node') {
    const node = topology.nodes.find(({ id }) => id === target.id);
    return node === undefined ? `node ${target.id}` : describeNode(node);
  }
  const link = findLink(topology, target.ends);
  const name = `link ${target.ends.join(' \u2013 ')}`;
  return `${name}, ${link === undefined ? 'none' : linkState(link)}`;
}

/** Beside what it belongs to, within the window. */
function show(menu: HTMLDivElement, { opener }: Opened): void {
  menu.showPopover();
  const beside = opener.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const right = beside.x + beside.width / 2 + 14;
  const x = right + width > innerWidth - 8 ? beside.x + beside.width / 2 - 14 - width : right;
  const y = Math.min(beside.y + beside.height / 2 - 12, innerHeight - height - 8);
  menu.style.setProperty('inset', `${Math.max(8, y)}px auto auto ${Math.max(8, x)}px`);
  menu.querySelector('button')?.focus();
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowUp: -1,
  ArrowLeft: -1,
  ArrowDown: 1,
  ArrowRight: 1,
};

function step(event: KeyboardEvent, menu: HTMLDivElement | null): void {
  event.stopPropagation();
  const by = STEPS[event.key];
  if (by === undefined || menu === null) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll('button')];
  const at = items.indexOf(document.activeElement as HTMLButtonElement);
  items[(at + by + items.length) % items.length]?.focus();
}
