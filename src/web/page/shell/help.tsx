// The help: what the page is, and all its keys.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { isTyping, KEYS, listKeys } from '../keys.ts';
import { Dialog } from './dialog.tsx';

const isOpen = signal(false);

listKeys('Page', [
  { keys: '?', does: 'opens this help' },
  { keys: 'Esc', does: 'closes a dialog or a list' },
  { keys: 'Tab', does: 'goes to the next panel or control' },
  { keys: '← →', does: 'on a divider: makes a side larger or smaller' },
]);

export function HelpButton() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '?' || isTyping(event)) return;
      event.preventDefault();
      isOpen.value = true;
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <>
      <button
        type="button"
        class="shell-button"
        aria-haspopup="dialog"
        aria-keyshortcuts="?"
        onClick={() => {
          isOpen.value = true;
        }}
      >
        Help <kbd>?</kbd>
      </button>
      <Dialog title="Help" isOpen={isOpen}>
        <p>
          A script starts servers and clients of a replicated key-value store, cuts and heals links,
          kills and restarts, puts and gets. This page runs the store's real code in a simulation,
          again after each change: with the same seed, the same run.
        </p>
        <p>
          The answers stand beside their lines. The verdict says which consistency the run had, and
          which lines show that a level is broken. The diagram shows each message and operation; the
          cursor in it is the moment at which the servers' states are shown.
        </p>
        <div class="shell-keys">
          {[...KEYS.value].map(([panel, keys]) => (
            <section key={panel}>
              <h3>{panel}</h3>
              <dl>
                {keys.map(({ keys: pressed, does }) => (
                  <div key={pressed}>
                    <dt>
                      <kbd>{pressed}</kbd>
                    </dt>
                    <dd>{does}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </Dialog>
    </>
  );
}
