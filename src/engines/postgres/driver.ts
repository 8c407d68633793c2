// The package `pg`, by which the master talks to PostgreSQL. It is an optional dependency: only
// scripts on PostgreSQL need it, and it is loaded when one runs.
import type { ClientBase, ClientConfig } from 'pg';
import { EnvironmentError } from '../../kernel/cluster.ts';

export type { ClientConfig };
export type DriverClient = ClientBase;
type NewClient = new (config: ClientConfig) => DriverClient;

/** Rejects with an EnvironmentError if the package is not there. */
export async function loadDriver(): Promise<NewClient> {
  try {
    const { default: pg } = await import('pg');
    return pg.Client;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    const why = isMissing ? 'which is not there: npm install pg@8.23.1 installs it' : message;
    throw new EnvironmentError('E_SPAWN', `protocol postgres needs the package pg, ${why}`);
  }
}
