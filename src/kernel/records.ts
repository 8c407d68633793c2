// The records of a protocol's log as they are read back: each is of one of the protocol's kinds, or
// it is damage.
import * as v from 'valibot';
import { acceptanceOf } from './acceptance.ts';
import type { Json } from './json.ts';

export type Shapes = { readonly [kind: string]: v.GenericSchema };

/**
 * Gives what reads a record of these kinds; `kindOf` says which one it would be. It throws an Error
 * for anything else.
 */
export function createRecordReader<S extends Shapes>(
  protocol: string,
  shapes: S,
  kindOf: (input: Json) => unknown,
): (input: Json) => v.InferOutput<S[keyof S]> {
  const readers = new Map<unknown, (input: Json) => unknown>(
    Object.entries(shapes).map(([kind, shape]) => [kind, readerOf(protocol, kind, shape)]),
  );
  return (input) => {
    const read = readers.get(kindOf(input));
    if (read === undefined) throw new Error(`no record of the ${protocol} protocol`);
    return read(input) as v.InferOutput<S[keyof S]>;
  };
}

/** What is right is quickly seen to be so: a log may have millions of records. */
function readerOf(
  protocol: string,
  kind: string,
  shape: v.GenericSchema,
): (input: Json) => unknown {
  const accepts = acceptanceOf(shape);
  return (input) => {
    if (accepts(input)) return input;
    const parsed = v.safeParse(shape, input, { abortEarly: true });
    if (parsed.success) return parsed.output;
    const why = `${kind}: ${parsed.issues[0].message}`;
    throw new Error(`no record of the ${protocol} protocol: ${why}`);
  };
}
