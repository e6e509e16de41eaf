import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Debian installs nginx in a folder that is in `PATH` only for root. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

/** Another process may take the port before nginx listens on it. */
const MAX_ATTEMPTS = 5;

/** Whether nginx is installed. Prints a warning if not, or throws with `REQUIRE_SERVICES`. */
export function hasNginx(): boolean {
  const { error } = spawnSync('nginx', ['-v'], { env });
  if (!error) return true;
  if (process.env.REQUIRE_SERVICES) throw error;
  process.stderr.write(`\n*** SKIPPED: no nginx for tests (${error.message}) ***\n\n`);
  return false;
}

/** Starts an nginx in front of `upstream` that compresses every response it can, on a free loopback port. */
export async function startCompressingNginx(upstream: string): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  const removeFolder = () => rm(folder, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort();
    await writeFile(join(folder, 'nginx.conf'), createConfiguration({ folder, port, upstream }));
    const nginx = spawn(
      'nginx',
      ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr', '-g', 'daemon off;'],
      {
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    const log = await readUntilListening(nginx);
    if (log === undefined) {
      const stop = async () => {
        nginx.kill('SIGTERM');
        if (nginx.exitCode === null) await once(nginx, 'exit');
        await removeFolder();
      };
      return { url: `http://127.0.0.1:${port}`, stop };
    }
    if (attempt === MAX_ATTEMPTS || !log.includes('Address already in use')) {
      await removeFolder();
      throw new Error(`nginx did not start:\n${log}`);
    }
  }
}

/** Configures one process without workers: one signal stops it, and it does not change the user. */
const createConfiguration = ({
  folder,
  port,
  upstream,
}: {
  folder: string;
  port: number;
  upstream: string;
}): string => `
master_process off;
pid ${folder}/nginx.pid;
error_log stderr notice;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/client-body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  gzip on;
  gzip_proxied any;
  gzip_min_length 1;
  gzip_types application/json application/problem+json;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${upstream};
      proxy_http_version 1.1;
    }
  }
}
`;

/**
 * Waits until nginx listens. It logs its event method after it has bound its port.
 * @returns undefined, or the log of an nginx that has exited
 */
async function readUntilListening({ stderr }: ChildProcess): Promise<string | undefined> {
  const lines: string[] = [];
  let isListening = false;
  for await (const line of createInterface({ input: stderr! })) {
    lines.push(line);
    isListening = /using the "\w+" event method/.test(line);
    if (isListening) break;
  }
  // An unread pipe would block nginx once it is full.
  stderr!.resume();
  return isListening ? undefined : lines.join('\n');
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
