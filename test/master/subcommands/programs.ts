// Runs the program in this process, with any arguments.
import { Readable, Writable } from 'node:stream';
import { Interruption } from '../../../src/master/interruption.ts';
import { runProgram } from '../../../src/master/program.ts';
import { PROTOCOLS } from '../../../src/protocols/registry.ts';

export async function simulateWords(
  words: readonly string[],
  script = '',
  protocols = PROTOCOLS,
  interruption = new Interruption(),
) {
  const said = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        said[name] += chunk.toString('utf8');
        done();
      },
    });
  const status = await runProgram({
    words,
    protocols,
    stdin: Readable.from([Buffer.from(script)]),
    stdout: into('stdout'),
    stderr: into('stderr'),
    interruption,
  });
  return { status, ...said };
}
