// Runs scripts in simulation for other programs (`causeway-kv/sim`), in Node and in browsers. They
// may use only this file.
export type { Recorded } from '../kernel/history.ts';
export type { TraceEvent } from '../kernel/trace.ts';
export type { Checked as Level } from '../language/checked.ts';
export type { Finding } from '../language/finding.ts';
export { type RunSettings, runScript, type Said, type ScriptRun } from './runScript.ts';
export type { StopSignal } from './stopSignal.ts';
export type { JudgedOperation, LevelVerdict, Verdict } from './verdicts.ts';
