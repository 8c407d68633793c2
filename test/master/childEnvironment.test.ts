// The part of the master's environment that its children see.
import { expect, it } from 'vitest';
import { childEnvironment } from '../../src/processes/childEnvironment.ts';

it('is what they need, and nothing where that is not there', () => {
  const needed = { HOME: '/h', XDG_CACHE_HOME: '/c', LANG: 'C', LC_ALL: 'C', TZ: 'UTC' };
  expect(childEnvironment({ ...needed, LD_LIBRARY_PATH: '/l' })).toEqual({
    ...needed,
    LD_LIBRARY_PATH: '/l',
  });
  expect(childEnvironment({ HOME: '' })).toEqual({ HOME: '' });
});

it.each([
  ['NODE_OPTIONS', '--max-http-header-size=100'],
  ['NODE_EXTRA_CA_CERTS', '/no such file'],
  ['NODE_PATH', '/elsewhere'],
  ['NODE_DEBUG', 'net'],
  ['NODE_CHANNEL_FD', '3'],
  ['HTTP_PROXY', 'http://proxy'],
  ['https_proxy', 'http://proxy'],
  ['LD_PRELOAD', '/other.so'],
  ['OPENSSL_CONF', '/other.cnf'],
  ['SECRET', 'of some other program'],
  ['constructor', 'x'],
])('has no %s', (name, value) => {
  expect(childEnvironment({ [name]: value })).toEqual({});
});
