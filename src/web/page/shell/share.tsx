// The link that holds the script and what it is run with. It is made when it is asked for.
import { useSignal } from '@preact/signals';
import { encodeLink } from '../../share/link.ts';
import type { Bench } from '../bench.ts';

/** How long the button says what it has done. */
const SAID_MS = 4000;

export function ShareButton({ bench }: { readonly bench: Bench }) {
  const said = useSignal('');
  const share = async (): Promise<void> => {
    said.value = await copyLink(bench);
    setTimeout(() => {
      said.value = '';
    }, SAID_MS);
  };
  return (
    <>
      <span class="shell-said" role="status">
        {said.value}
      </span>
      <button type="button" class="shell-button" onClick={() => void share()}>
        Copy link
      </button>
    </>
  );
}

/** What was done, as a sentence. */
async function copyLink(bench: Bench): Promise<string> {
  let fragment: string;
  try {
    fragment = await encodeLink(bench.source.value);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  history.replaceState(null, '', `#${fragment}`);
  try {
    await navigator.clipboard.writeText(location.href);
    return 'The link is copied.';
  } catch {
    // Pages over plain http have no clipboard.
    return 'The link is in the address bar: copy it there.';
  }
}
