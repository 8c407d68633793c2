// What a page asks its worker about requests and their times, and what comes back.
import type { Form } from './form.ts';
import type { Launch, Problem } from './launch.ts';
import type { Done, RequestOrder, RequestTexts } from './requests.ts';
import type { Sheet } from './sheet.ts';

export type TimesOrder =
  | { readonly ask: 'sheet'; readonly form: Form }
  | { readonly ask: 'launch'; readonly launch: Launch }
  /** Which of the texts of requests are no valid ones. */
  | { readonly ask: 'problems'; readonly launch: Launch; readonly texts: RequestTexts }
  | { readonly ask: 'requests'; readonly order: RequestOrder }
  | { readonly ask: 'wait'; readonly ms: number }
  | { readonly ask: 'script'; readonly launch: Launch; readonly order: RequestOrder };

/** By what is asked. `now` is the time of the simulation, in milliseconds. */
export interface TimesResults {
  readonly sheet: Sheet;
  readonly launch: { readonly now: number };
  readonly problems: readonly Problem[];
  readonly requests: { readonly dones: readonly Done[]; readonly now: number };
  readonly wait: { readonly now: number };
  readonly script: string;
}

export type TimesResult = TimesResults[keyof TimesResults];
