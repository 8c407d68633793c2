// Completion in the editor. The worker knows the words.
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import type { Extension } from '@codemirror/state';
import type { Suggestion } from '../../script/completeAt.ts';
import type { Bench } from '../bench.ts';

export function completion(bench: Bench): Extension {
  return autocompletion({
    override: [(context) => suggest(bench, context)],
    icons: false,
    closeOnBlur: true,
  });
}

async function suggest(
  bench: Bench,
  { state, pos, explicit }: CompletionContext,
): Promise<CompletionResult | null> {
  const { protocol } = bench.source.value;
  const before = state.doc.sliceString(0, pos);
  const answer = await bench.ask({ kind: 'complete', id: 0, before, protocol });
  if (answer?.kind !== 'complete') return null;
  const { unfinished, list } = answer.suggestions;
  if (list.length === 0 || (unfinished === '' && !explicit)) return null;
  // What is written already needs no list.
  if (!explicit && list.length === 1 && list[0]?.word === unfinished) return null;
  return { from: pos - unfinished.length, options: list.map(toOption), validFor: /^[\w.-]*$/ };
}

function toOption({ word, usage, about }: Suggestion): Completion {
  return {
    label: word,
    ...(usage !== undefined && { detail: usage.slice(word.length) }),
    ...(about !== undefined && { info: about }),
  };
}
