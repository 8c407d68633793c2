// An option whose value is a whole number from 1.
import { InvalidArgumentError, Option } from 'commander';

const WHOLE = /^[1-9][0-9]{0,8}$/;

export function whole(flags: string, about: string): Option {
  return new Option(flags, about).argParser((text) => {
    if (WHOLE.test(text)) return Number(text);
    throw new InvalidArgumentError('It is a whole number from 1 to 999999999.');
  });
}
