// A reporter: one line at the end that names the slowest test files.
import type { Reporter, TestModule } from 'vitest/node';

const SHOWN = 10;

export class Slowest implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules.map((module) => ({
      name: module.relativeModuleId.replace(/^test\/|\.test\.ts$/g, ''),
      seconds: module.diagnostic().duration / 1_000,
    }));
    files.sort((a, b) => b.seconds - a.seconds);
    const shown = files.slice(0, SHOWN).map(({ name, seconds }) => `${name} ${seconds.toFixed(1)}`);
    process.stderr.write(`slowest files, in seconds: ${shown.join(', ')}\n`);
  }
}
