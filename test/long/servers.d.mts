import type { ChildProcess } from 'node:child_process';

/** A process that a test started. */
export interface Server {
  readonly url: string;
  readonly child: ChildProcess;
  /** The end of what it wrote to stdout and stderr. */
  readonly output: string;
  readonly exited: boolean;
  /** Kills it. */
  stop(): Promise<void>;
}

/** Finds the folder of PostgreSQL's programs. @returns undefined if PostgreSQL is not installed */
export function findPostgresPrograms(): string | undefined;

/** Whether `redis-server` is installed. */
export function hasRedis(): boolean;

/** Starts the development Logto. */
export function startLogto(): Promise<Server>;

/** Starts a replica of the service, on any free port unless `PORT` is set. @returns once it is ready */
export function startService(env: Readonly<Record<string, string>>): Promise<Server>;
