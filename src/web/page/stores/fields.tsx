// The other fields of each server's inspection: clocks, positions in logs, and so on.
import { useSignal } from '@preact/signals';
import { escapeUnseen } from '../../cursor/escape.ts';
import { fieldRows } from '../../cursor/fields.ts';
import type { ServerLook } from '../../view.ts';
import { Scroller } from './scroller.tsx';

export function Fields({ servers }: { readonly servers: readonly ServerLook[] }) {
  const isOpen = useSignal(false);
  if (servers.every(({ state }) => state === null)) return null;
  return (
    <details
      class="stores-fields"
      open={isOpen.value}
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>Clocks, logs and other fields</summary>
      {isOpen.value && <FieldTable servers={servers} />}
    </details>
  );
}

function FieldTable({ servers }: { readonly servers: readonly ServerLook[] }) {
  return (
    <Scroller label="Fields by server">
      <table class="stores-table">
        <thead>
          <tr>
            <th scope="col">field</th>
            {servers.map(({ id }) => (
              <th key={id} scope="col">
                <span class="stores-server">{id}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {fieldRows(servers).map(({ name, texts }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {texts.map(({ server, text }) => (
                <td key={server} class="stores-field">
                  {escapeUnseen(text)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}
