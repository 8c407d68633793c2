// Text inside XML and HTML.
import { escapeUnseen } from '../../language/printable.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Also fit for an attribute. Controls are shown as escapes: XML has no place for them. */
export function escapeMarkup(text: string): string {
  const lines = text.split('\n').map(escapeUnseen);
  return lines.join('\n').replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
