// The option --set of every command that runs a script.
import { InvalidArgumentError, Option } from 'commander';

export function settingOption(): Option {
  const about = 'an option of the protocol, as `name=value`; once for each option';
  return new Option('--set <option>', about).argParser((text, before: unknown) => {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === '') throw new InvalidArgumentError('An option is written name=value.');
    return new Map([...((before as Map<string, string> | undefined) ?? []), [name, value]]);
  });
}
