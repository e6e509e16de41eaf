import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CrashPoint } from '../../../src/domain/changes/crash-points.js';

const BUILD = fileURLToPath(new URL('./build-service-child.mjs', import.meta.url));
const CHILD = fileURLToPath(new URL('../../../node_modules/.cache/service-child.mjs', import.meta.url));

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
  readonly stopped?: string;
  readonly held?: number;
}

export interface HttpResponse {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON: each test knows its shape
  readonly body: any;
}

/** The service in a process that tests can kill. */
export class ServiceProcess {
  private url = '';
  private commandCount = 0;
  private readonly exited: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    child.setMaxListeners(0);
    this.exited = once(child, 'exit');
  }

  /** Bundles the service if a source is newer than the bundle. */
  static build(): void {
    execFileSync(process.execPath, [BUILD], { stdio: 'inherit' });
  }

  /** Starts the service in development mode, with the embedded Logto that `environment` names. */
  static async start(environment: Record<string, string>): Promise<ServiceProcess> {
    const child = fork(CHILD, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const service = new ServiceProcess(child);
    await service.waitForMessage(() => true);
    service.url = (await service.runCommand('start', environment)) as string;
    return service;
  }

  /** Makes the user's change stop permanently at the nth hit of a crash point. @returns `stopped`, which resolves once it has stopped */
  async stopAt(userId: string, step: CrashPoint, nth: number): Promise<{ stopped: Promise<unknown> }> {
    const stopped = this.waitForMessage((message) => message.stopped === userId);
    stopped.catch(() => undefined);
    await this.runCommand('stopAt', { userId, step, ignoredHits: nth - 1 });
    return { stopped };
  }

  /** Pauses the whole process for `pauseMs` when the user's change reaches a crash point. @returns `stopped`, as `stopAt` */
  async pauseAt(userId: string, step: CrashPoint, pauseMs: number): Promise<{ stopped: Promise<unknown> }> {
    const stopped = this.waitForMessage((message) => message.stopped === userId);
    stopped.catch(() => undefined);
    await this.runCommand('stopAt', { userId, step, ignoredHits: 0, pauseMs });
    return { stopped };
  }

  /**
   * Makes the next transaction wait until `releaseTransaction` is called.
   * @param after the number of statements to execute first, including BEGIN and COMMIT; with 0, it waits before BEGIN
   * @returns `held`, which resolves with the process id of its PostgreSQL backend once it waits
   */
  async holdTransaction(after: number): Promise<{ held: Promise<number> }> {
    const held = this.waitForMessage((message) => message.held !== undefined).then((message) => message.held!);
    held.catch(() => undefined);
    await this.runCommand('holdTransaction', after);
    return { held };
  }

  /** Releases the waiting transaction. */
  async releaseTransaction(): Promise<void> {
    await this.runCommand('releaseTransaction');
  }

  async query<T>(sql: string): Promise<T[]> {
    return (await this.runCommand('query', sql)) as T[];
  }

  /** Runs the background job that resumes abandoned changes. */
  async recoverAbandoned(): Promise<void> {
    await this.runCommand('recoverAbandoned');
  }

  /** Expires every lease. */
  async expireLeases(): Promise<void> {
    await this.query('update logto_profile.profile_user set lease_until = clock_timestamp() where lease is not null');
  }

  /** Sends a request. @returns undefined if the process dies before it responds */
  async request(
    method: string,
    path: string,
    token: string,
    { body, headers }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<HttpResponse | undefined> {
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    } catch {
      await this.exited;
      return undefined;
    }
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private async runCommand(command: string, argument?: unknown): Promise<unknown> {
    const id = ++this.commandCount;
    const response = this.waitForMessage((message) => message.id === id);
    this.child.send({ id, command, argument });
    const { result, error } = await response;
    if (error !== undefined) throw new Error(error);
    return result;
  }

  private waitForMessage(matches: (message: Message) => boolean): Promise<Message> {
    return new Promise((resolve, reject) => {
      const listener = (message: Message) => {
        if (!matches(message)) return;
        this.child.off('message', listener);
        resolve(message);
      };
      this.child.on('message', listener);
      void this.exited.then(() => reject(new Error('The service has died.')));
    });
  }
}
