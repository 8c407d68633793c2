// A modal dialog of the page: it closes by Escape, its button, or a click outside.
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  readonly isOpen: Signal<boolean>;
  readonly children: ComponentChildren;
}

export function Dialog({ title, isOpen, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const open = isOpen.value;
  useEffect(() => {
    if (open) element.current?.showModal();
    else element.current?.close();
  }, [open]);
  const close = (): void => {
    isOpen.value = false;
  };
  return (
    <dialog
      ref={element}
      class="shell-dialog"
      aria-label={title}
      onClose={close}
      onPointerDown={(event) => {
        if (event.target === element.current) close();
      }}
    >
      {open && (
        <div class="shell-dialog-inner">
          <div class="shell-dialog-head">
            <h2>{title}</h2>
            <button type="button" class="shell-button" onClick={close}>
              Close
            </button>
          </div>
          {children}
        </div>
      )}
    </dialog>
  );
}
