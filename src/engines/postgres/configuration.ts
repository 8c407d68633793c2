// The text of a server's configuration file.
import type { Options } from '../../kernel/design.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { LOOPBACK } from '../tcp/ports.ts';

export interface Role {
  readonly id: NodeId;
  readonly port: number;
  /** Where a standby reaches its primary; undefined for none. */
  readonly primary?: { readonly port: number; readonly password: string } | undefined;
  readonly options: Options;
}

export const SUPERUSER = 'causeway';
export const DATABASE = 'postgres';

export function writeConfiguration({ id, port, primary, options }: Role): string {
  const standbys = Number(options.sync);
  const settings = {
    listen_addresses: LOOPBACK,
    port,
    unix_socket_directories: '',
    cluster_name: `server ${id}`,
    lc_messages: 'C',
    log_line_prefix: '',
    // A killed process loses nothing that it has given to the system.
    fsync: options.fsync ?? '',
    // Files of the folder: others would outlive a killed server.
    dynamic_shared_memory_type: 'mmap',
    shared_buffers: '16MB',
    // Each write that waits for standbys keeps its connection.
    max_connections: 300,
    autovacuum: 'off',
    max_logical_replication_workers: 0,
    // A standby that is cut off finds the log when it is back.
    wal_keep_size: '1GB',
    max_wal_size: '1GB',
    checkpoint_timeout: '1h',
    hot_standby: 'on',
    max_wal_senders: 64,
    wal_retrieve_retry_interval: '20ms',
    synchronous_commit: options.commit ?? '',
    synchronous_standby_names: standbys === 0 ? '' : `ANY ${standbys} (*)`,
    primary_conninfo: primary === undefined ? '' : toConninfo(id, primary),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'`);
  return `${lines.join('\n')}\n`;
}

function toConninfo(id: NodeId, { port, password }: { port: number; password: string }): string {
  const fields = { host: LOOPBACK, port, user: SUPERUSER, password };
  const rest = { application_name: `server${id}`, sslmode: 'disable', gssencmode: 'disable' };
  return Object.entries({ ...fields, ...rest })
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
