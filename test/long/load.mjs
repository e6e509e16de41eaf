// The load, and what the clients know of their writes.

/** A user whose write failed is left alone for so long: its lease may have to expire first. */
const REST_MS = 35_000;

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export const randomFrom = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};

/** The value of a user's nth write, in each of the two stores. */
const patchOf = (n) => ({ name: `Name ${n}`, shippingAddress: { locality: `City ${n}` } });

/** Which write a document shows: its number; 0 for none; undefined when its two stores differ. */
export const shownIn = ({ name, shippingAddress }) => {
  const [inLogto, inDatabase] = [name, shippingAddress?.locality].map((text) => Number(text?.split(' ')[1] ?? 0));
  return inLogto === inDatabase ? inLogto : undefined;
};

/**
 * `connections` clients that read profiles, change them in two stores and send codes, until `stop`. Each has users of its own, of
 * whom it sends one write at a time, so that it knows which value must be there in the end.
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
      figures.faults.push(`${user.id}: a read shows half of a change: ${JSON.stringify(document)}`);
    if (shown < acknowledged)
      figures.faults.push(`${user.id}: a read shows ${shown} after ${acknowledged} was acknowledged`);
  };

  // Counts against a limit in Redis. To a new address each time, because Logto limits how many one address receives.
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
        randomFrom(seed + index),
      ),
    ),
  );
  return {
    figures,
    /** Resolves with the first 2xx response to a request that is sent from now on. @returns how long it took, in ms */
    async firstSuccess() {
      const since = performance.now();
      await new Promise((resolve) => {
        const each = { since, resolve: () => waiting.delete(each) && resolve() };
        waiting.add(each);
      });
      return performance.now() - since;
    },
    /** Sends no more, and waits for the responses to what was sent. */
    async stop() {
      stopped = true;
      await running;
    },
  };
};
