// Begins the page's worker. Its program is a text in the page, so that the page works as one file,
// and from a folder without a web server.
import type { Answer, Request } from '../run/messages.ts';
import type { Runner } from './bench.ts';

export function startWorker(program: string): Runner {
  const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
  const worker = new Worker(url);
  const waiting = new Map<number, (answer: Answer) => void>();
  let count = 0;
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  };
  return (request: Request) => {
    count += 1;
    const id = count;
    worker.postMessage({ ...request, id });
    return new Promise((resolve) => {
      waiting.set(id, resolve);
    });
  };
}
