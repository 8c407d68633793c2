// Workers that run seeds, beside the worker of the page's own run: that one stays free for edits.
import type { Answer } from '../../run/messages.ts';
import { PROGRAM } from '../workerProgram.ts';
import type { SeedWorker } from './search.ts';

const MOST_WORKERS = 4;

export function countWorkers(): number {
  return Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency - 1));
}

export function startSeedWorker(hear: (answer: Answer) => void): SeedWorker {
  const url = URL.createObjectURL(new Blob([PROGRAM], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.onmessage = ({ data }: MessageEvent<Answer>) => hear(data);
  worker.onerror = ({ message }) => hear({ kind: 'failed', id: 0, why: message });
  return {
    post: (request) => worker.postMessage(request),
    end: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
