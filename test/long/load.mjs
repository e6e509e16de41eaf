// Generates the load and records which writes were acknowledged.

/** How long to pause the writes of a user after a failed one by default. */
const PAUSE_MS = 1_000;

/** Creates a generator of random numbers in [0, 1) that always returns the same sequence for a seed (mulberry32). */
export const createRandom = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};

/** Creates the patch of a user's nth write. It changes both stores. */
const createPatch = (n) => ({ name: `Name ${n}`, shippingAddress: { locality: `City ${n}` } });

/** Returns the number of the write that a document contains: 0 for none, undefined if its two stores differ. */
export const readWriteNumber = ({ name, shippingAddress }) => {
  const [inLogto, inDatabase] = [name, shippingAddress?.locality].map((text) => Number(text?.split(' ')[1] ?? 0));
  return inLogto === inDatabase ? inLogto : undefined;
};

/**
 * Starts clients that read profiles, change them in both stores and send codes until `stop` is called. Each client has its own
 * users and sends one write at a time for each, so it knows which value must be stored in the end. `acknowledgedAt` of a user is when
 * the first write was acknowledged after it was deleted.
 */
export const startLoad = ({ urls, users, connections, seed, pauseMs = PAUSE_MS }) => {
  const figures = { requests: 0, acknowledged: 0, byStatus: {}, inconsistencies: [] };
  /** Callers of `waitForSuccess`. */
  const waiters = new Set();
  let stopped = false;
  let addressCount = 0;

  const request = async (url, method, path, { token }, body) => {
    const sentAt = performance.now();
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    }).catch(() => undefined);
    const text = await response?.text().catch(() => undefined);
    const status = text === undefined ? 'no response' : response.status;
    figures.requests += 1;
    figures.byStatus[status] = (figures.byStatus[status] ?? 0) + 1;
    if (response?.ok) for (const waiter of waiters) if (sentAt >= waiter.since) waiter.resolve();
    const ok = text !== undefined && response.ok;
    return { ok, document: ok && text !== '' ? JSON.parse(text) : undefined };
  };

  const write = async (url, user) => {
    const n = ++user.sent;
    const { ok } = await request(url, 'PATCH', '/v1/profile', user, createPatch(n));
    if (!ok) user.pausedUntil = performance.now() + pauseMs;
    else {
      user.acknowledged = n;
      user.acknowledgedAt ??= performance.now();
      figures.acknowledged += 1;
    }
  };

  const read = async (url, user) => {
    const { acknowledged } = user;
    const { ok, document } = await request(url, 'GET', '/v1/profile', user);
    if (!ok) return;
    const writeNumber = readWriteNumber(document);
    if (writeNumber === undefined)
      figures.inconsistencies.push(`${user.id}: a read contains a part of a change: ${JSON.stringify(document)}`);
    if (writeNumber < acknowledged)
      figures.inconsistencies.push(
        `${user.id}: a read contains write ${writeNumber} after ${acknowledged} was acknowledged`,
      );
  };

  // A code counts toward a limit in Redis. Each is sent to a new address, because Logto limits the codes per address.
  const sendCode = (url, user) =>
    request(url, 'POST', '/v1/verification-codes', user, { email: `address${++addressCount}@new.example` });

  const runClient = async (ownUsers, random) => {
    while (!stopped) {
      const url = urls[Math.floor(random() * urls.length)];
      const writableUsers = ownUsers.filter(({ pausedUntil }) => pausedUntil < performance.now());
      const candidates = writableUsers.length > 0 ? writableUsers : ownUsers;
      const user = candidates[Math.floor(random() * candidates.length)];
      const choice = random();
      if (choice < 0.45) await read(url, user);
      else if (choice < 0.9 && writableUsers.length > 0) await write(url, user);
      else await sendCode(url, user);
    }
  };

  const running = Promise.all(
    Array.from({ length: connections }, (_, index) =>
      runClient(
        users.filter((_user, position) => position % connections === index),
        createRandom(seed + index),
      ),
    ),
  );
  return {
    figures,
    /** Waits for the first 2xx response to a request that is sent after this call. @returns the time in ms */
    async waitForSuccess() {
      const since = performance.now();
      await new Promise((resolve) => {
        const waiter = { since, resolve: () => waiters.delete(waiter) && resolve() };
        waiters.add(waiter);
      });
      return performance.now() - since;
    },
    /** Stops sending and waits for the pending responses. */
    async stop() {
      stopped = true;
      await running;
    },
  };
};
