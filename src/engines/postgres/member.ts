// One server of PostgreSQL over all of its lives: its folder, its program, the ways to other
// servers.

import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../../kernel/cluster.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { childEnvironment } from '../../processes/childEnvironment.ts';
import type { ForeignProgram } from '../../processes/foreignProgram.ts';
import { startListening } from '../store/memberStart.ts';
import type { StoreSetup } from '../store/store.ts';
import { SuccessiveProgram } from '../store/successiveProgram.ts';
import { unlessUnanswered } from '../store/unlessUnanswered.ts';
import { findPort, LOOPBACK } from '../tcp/ports.ts';
import { ProxyWays } from '../tcp/proxyWays.ts';
import { DATABASE, SUPERUSER, writeConfiguration } from './configuration.ts';
import type { ClientConfig } from './driver.ts';
import { readPosition } from './positions.ts';
import { ADVICE, chooseOwner, findBarrier, findPrograms } from './programs.ts';
import { Session } from './session.ts';

const SETTINGS = '-c search_path=pg_catalog';
const LOOK_EVERY_MS = 20;
const LOOK_MS = 1_000;
const ORDER_MS = 20_000;
/** How many receivers there are, and how far they have come in this life or an earlier one. */
const RECEIVED = `SELECT count(*) AS receivers, greatest(
    coalesce(pg_last_wal_receive_lsn(), '0/0'), coalesce(pg_last_wal_replay_lsn(), '0/0'))::text
  AS position FROM pg_stat_wal_receiver`;

export class PostgresMember {
  readonly id: NodeId;
  /** The server that it follows; undefined for none, and of a primary. */
  follows: NodeId | undefined;
  /** The term of the primary that it follows, or of itself. */
  term = 0;
  /** Whether its folder has a store. */
  hasStore = false;
  /** Whether it was once as far as its primary in this life. */
  wasReady = false;
  /** For the questions of the master. */
  readonly session: Session;
  readonly #setup: StoreSetup;
  readonly #ways: ProxyWays;
  readonly #owner = chooseOwner(process.getuid?.());
  #port: number | undefined;
  #program: SuccessiveProgram | undefined;

  constructor(id: NodeId, setup: StoreSetup) {
    this.id = id;
    this.#setup = setup;
    this.session = new Session(() => this.target);
    this.#ways = new ProxyWays({ from: id, links: setup.links });
  }

  /** Where clients reach the program that runs. */
  get target(): ClientConfig | undefined {
    if (this.#port === undefined) return undefined;
    const place = { host: LOOPBACK, port: this.#port, database: DATABASE };
    const user = { user: SUPERUSER, password: this.#setup.mark };
    // Without these the driver takes what variables such as PGSSLMODE say.
    return { ...place, ...user, ssl: false, options: SETTINGS, client_encoding: 'UTF8' };
  }

  get isRunning(): boolean {
    return this.#port !== undefined;
  }

  /** Makes a new store. Rejects with an EnvironmentError. */
  async create(): Promise<void> {
    const folder = await this.#makeEmpty();
    const secret = `${folder}.password`;
    this.#write(secret, this.#setup.mark);
    const flags = ['--no-sync', '--auth-local=reject', '--auth-host=scram-sha-256'];
    const user = ['--username', SUPERUSER, '--pwfile', secret];
    const kind = ['--locale=C', '--encoding=UTF8', '--wal-segsize=1'];
    await this.#do('initdb', ['--pgdata', folder, ...flags, ...user, ...kind]);
    rmSync(secret);
    this.hasStore = true;
  }

  /** Replaces its store by a copy of that of a server that runs. Rejects with a CallError. */
  async copy(source: PostgresMember): Promise<void> {
    const folder = await this.#makeEmpty();
    const flags = ['--checkpoint=fast', '--wal-method=stream', '--no-sync', '--no-manifest'];
    const words = ['--pgdata', folder, ...flags, '--host', LOOPBACK, '--username', SUPERUSER];
    const { term, follows } = source;
    try {
      await this.#do('pg_basebackup', [...words, '--port', String(source.#port)]);
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      throw new CallError('ERR_UNREACHABLE', error.message);
    }
    this.term = term;
    this.follows = follows ?? source.id;
    this.hasStore = true;
  }

  /** Resolves when the program answers. Rejects with an EnvironmentError, and then none is left. */
  async start(primary: PostgresMember | undefined): Promise<SuccessiveProgram> {
    this.#program = new SuccessiveProgram(await this.#start(primary));
    return this.#program;
  }

  /** Ends the program, and starts again with a copy of that server, as its standby. */
  async startAgain(primary: PostgresMember): Promise<void> {
    await this.#program?.replace(async () => {
      this.ended();
      await this.copy(primary);
      return this.#start(primary);
    });
  }

  /** The standby follows that primary from now on. */
  async follow(primary: PostgresMember): Promise<void> {
    await this.#reload(primary);
    this.follows = primary.id;
  }

  /** The standby receives nothing any more. Resolves with the end of what it has of the log. */
  async stopFollowing(): Promise<bigint> {
    await this.#reload(undefined);
    const until = this.#setup.now() + ORDER_MS;
    while (this.#setup.now() < until) {
      const [looked] = await this.session.query(RECEIVED, ORDER_MS);
      const { receivers, position } = looked as { receivers: string; position: string };
      if (receivers === '0') return readPosition(position);
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
    throw new CallError('ERR_UNREACHABLE', 'it goes on to receive what its primary sends');
  }

  linksChanged(): void {
    this.#ways.linksChanged();
  }

  /** The program has ended. */
  ended(): void {
    this.#port = undefined;
    this.session.close();
  }

  close(): void {
    this.ended();
    this.#ways.close();
  }

  async #start(primary: PostgresMember | undefined): Promise<ForeignProgram> {
    const folder = await this.#folder();
    const isStandby = this.follows !== undefined;
    if (isStandby) this.#write(join(folder, 'standby.signal'), '');
    else rmSync(join(folder, 'standby.signal'), { force: true });
    const program = await startListening(this.id, this.#setup, async () => {
      // A former life may have left it, and its process id may have a new owner.
      rmSync(join(folder, 'postmaster.pid'), { force: true });
      const port = await findPort();
      await this.#configure(port, primary);
      const started = await this.#launch([this.#programs().server, '-D', folder]);
      this.#port = port;
      this.wasReady = false;
      return {
        ...{ program: started, giveUp: () => this.ended() },
        isListening: () => this.#isAnswering(),
      };
    });
    await this.#freeMemory(folder);
    return program;
  }

  async #reload(primary: PostgresMember | undefined): Promise<void> {
    if (this.#port === undefined) throw new CallError('ERR_UNREACHABLE', 'it does not run');
    await this.#configure(this.#port, primary);
    await this.session.query('SELECT pg_reload_conf()', ORDER_MS);
  }

  async #configure(port: number, primary: PostgresMember | undefined): Promise<void> {
    const { options, mark: password } = this.#setup;
    const way =
      primary && (await this.#ways.portTo(primary.id, (): number | undefined => primary.#port));
    const from = way === undefined ? undefined : { port: way, password };
    const text = writeConfiguration({ id: this.id, port, primary: from, options });
    this.#write(join(await this.#folder(), 'postgresql.conf'), text);
  }

  /**
   * The system keeps a small part of shared memory of a killed server for ever, unless it is marked
   * to go with the last process that uses it.
   */
  async #freeMemory(folder: string): Promise<void> {
    const memory = findMemory(join(folder, 'postmaster.pid'));
    if (memory === undefined) return;
    const done = await this.#launch(['ipcrm', '-m', memory]).catch((error: unknown) => {
      // Without that program the part remains.
      if (!(error instanceof EnvironmentError)) throw error;
    });
    await done?.gone;
  }

  async #isAnswering(): Promise<boolean> {
    return (await unlessUnanswered(() => this.session.query('SELECT 1', LOOK_MS))) !== undefined;
  }

  #programs(): { server: string; folder: string } {
    return findPrograms(this.#setup.options.binary ?? '', process.env.PATH ?? '');
  }

  /** Runs one of PostgreSQL's programs to its end. Rejects with an EnvironmentError. */
  async #do(name: string, args: readonly string[]): Promise<void> {
    const program = await this.#launch([join(this.#programs().folder, name), ...args]);
    const why = await program.gone;
    if (why === 'exit status 0') return;
    const said = program.lastLines.join('; ') || 'it wrote nothing';
    throw new EnvironmentError('E_SPAWN', `server ${this.id}: ${name} failed (${why}); ${said}`);
  }

  async #launch(command: readonly string[]): Promise<ForeignProgram> {
    const folder = await this.#runFolder();
    const passed = { ...childEnvironment(process.env), PATH: process.env.PATH };
    return this.#setup.launch({
      ...{ command, name: `server ${this.id}`, folder, owner: this.#owner, advice: ADVICE },
      environment: {
        ...{ ...passed, HOME: folder, LANG: 'C', LC_ALL: 'C' },
        ...{ PGPASSWORD: this.#setup.mark, PGSSLMODE: 'disable', PGGSSENCMODE: 'disable' },
      },
      onOutput: () => undefined,
    });
  }

  async #makeEmpty(): Promise<string> {
    this.hasStore = false;
    const folder = await this.#folder();
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o700 });
    this.#own(folder);
    return folder;
  }

  async #folder(): Promise<string> {
    return join(await this.#runFolder(), `postgres-${this.id}`);
  }

  /** The programs must be able to go through it, also those of another user. */
  async #runFolder(): Promise<string> {
    const folder = await this.#setup.makeFolder();
    if (this.#owner === undefined) return folder;
    chmodSync(folder, 0o711);
    const barrier = findBarrier(folder, this.#owner);
    if (barrier === undefined) return folder;
    const why = 'PostgreSQL does not run as root, and its user may not go through';
    throw new EnvironmentError('E_IO', `${why} ${barrier}: set TMPDIR to another folder`);
  }

  #write(path: string, text: string): void {
    writeFileSync(path, text, { mode: 0o600 });
    this.#own(path);
  }

  #own(path: string): void {
    if (this.#owner !== undefined) chownSync(path, this.#owner.uid, this.#owner.gid);
  }
}

/** The number of a server's shared memory; undefined if its file is gone, as the server is then. */
function findMemory(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n')[6]?.trim().split(/\s+/)[1];
  } catch {
    return undefined;
  }
}
