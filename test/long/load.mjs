// Generates the load and records which writes were acknowledged.

/** How long a user with a failed write gets no other write, because its lease may have to expire first. */
const REST_MS = 35_000;

/** Creates a generator of numbers in [0, 1), the same for the same seed (mulberry32). */
export const createRandom = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};

/** The value of a user's nth write, in each of the two stores. */
const patchOf = (n) => ({ name: `Name ${n}`, shippingAddress: { locality: `City ${n}` } });

/** The number of the write that a document contains: 0 for none, undefined if its two stores differ. */
export const shownIn = ({ name, shippingAddress }) => {
  const [inLogto, inDatabase] = [name, shippingAddress?.locality].map((text) => Number(text?.split(' ')[1] ?? 0));
  return inLogto === inDatabase ? inLogto : undefined;
};

/**
 * Starts `connections` clients that read profiles, change them in two stores and send codes, until `stop`. Each client has its
 * own users and sends one write at a time for each, so that it knows which value must be stored in the end.
 */
export const startLoad = ({ urls, users, connections, seed }) => {
  const figures = { requests: 0, acknowledged: 0, byStatus: {}, faults: [] };
  const waiting = new Set();
  let stopped = false;
  let addresses = 0;

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
    if (response?.ok) for (const each of waiting) if (sentAt >= each.since) each.resolve();
    return { ok: text !== undefined && response.ok, document: text && JSON.parse(text) };
  };

  const write = async (url, user) => {
    const n = ++user.sent;
    const { ok } = await request(url, 'PATCH', '/v1/profile', user, patchOf(n));
    if (!ok) user.restUntil = performance.now() + REST_MS;
    else {
      user.acknowledged = n;
      figures.acknowledged += 1;
    }
  };

  const read = async (url, user) => {
    const { acknowledged } = user;
    const { ok, document } = await request(url, 'GET', '/v1/profile', user);
    if (!ok) return;
    const shown = shownIn(document);
    if (shown === undefined)
      figures.faults.push(`${user.id}: a read contains a part of a change: ${JSON.stringify(document)}`);
    if (shown < acknowledged)
      figures.faults.push(`${user.id}: a read contains write ${shown} after ${acknowledged} was acknowledged`);
  };

  // Counts against a limit in Redis. Each code goes to a new address, because Logto limits how many one address receives.
  const sendCode = (url, user) =>
    request(url, 'POST', '/v1/verification-codes', user, { email: `address${++addresses}@new.example` });

  const client = async (own, random) => {
    while (!stopped) {
      const url = urls[Math.floor(random() * urls.length)];
      const rested = own.filter(({ restUntil }) => restUntil < performance.now());
      const from = rested.length > 0 ? rested : own;
      const user = from[Math.floor(random() * from.length)];
      const what = random();
      if (what < 0.45) await read(url, user);
      else if (what < 0.9 && rested.length > 0) await write(url, user);
      else await sendCode(url, user);
    }
  };

  const running = Promise.all(
    Array.from({ length: connections }, (_, index) =>
      client(
        users.filter((_user, position) => position % connections === index),
        createRandom(seed + index),
      ),
    ),
  );
  return {
    figures,
    /** Waits for the first 2xx response to a request sent from now on. @returns how long it took, in ms */
    async waitForSuccess() {
      const since = performance.now();
      await new Promise((resolve) => {
        const each = { since, resolve: () => waiting.delete(each) && resolve() };
        waiting.add(each);
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
