// Reads the records of a protocol's log: each is of one of the protocol's kinds, or the log is
// damaged.
import * as v from 'valibot';
import { acceptanceOf } from './acceptance.ts';
import type { Json } from './json.ts';

export type Shapes = { readonly [kind: string]: v.GenericSchema };

/**
 * Creates a reader of records of these kinds; `kindOf` chooses the kind to check. The reader throws
 * an Error for any other value.
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

/** The fast check comes first: a log may have millions of records. */
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
