// Users who each make one kind of change, one after the other, and the model that says what the service may return for each.
import { createRandom } from './load.mjs';

const passwordOf = (n) => `Str0ng-Passw0rd!x${n}`;
const numberIn = (text) => (typeof text === 'string' ? Number(text.split(' ')[1]) : 0);
/** The number that all values have in common; undefined if they differ. */
const common = (...numbers) => (new Set(numbers).size === 1 ? numbers[0] : undefined);

/**
 * Each kind of change of the profile: the patch of the nth write, and the number of the write that a document contains: 0 for none,
 * undefined if it contains a part of a write.
 */
const PROFILE_CHANGES = {
  'one call': {
    patch: (n) => ({ name: `Name ${n}` }),
    read: ({ name }) => numberIn(name),
  },
  'a removed claim': {
    patch: (n) => ({ nickname: `Nick ${n}`, middleName: n % 2 ? null : `Middle ${n}` }),
    read: ({ nickname, middleName }) => {
      const n = numberIn(nickname);
      return numberIn(middleName) === (n % 2 ? 0 : n) ? n : undefined;
    },
  },
  'custom data': {
    patch: (n) => ({ preferences: { n } }),
    read: ({ preferences }) => preferences?.n ?? 0,
  },
  'the database': {
    patch: (n) => ({ shippingAddress: { locality: `City ${n}` } }),
    read: ({ shippingAddress }) => numberIn(shippingAddress?.locality),
  },
  'both stores': {
    patch: (n) => ({ name: `Name ${n}`, shippingAddress: { locality: `City ${n}` } }),
    read: ({ name, shippingAddress }) => common(numberIn(name), numberIn(shippingAddress?.locality)),
  },
  'three calls and the database': {
    patch: (n) => ({
      name: `Name ${n}`,
      nickname: `Nick ${n}`,
      preferences: { n },
      shippingAddress: { locality: `City ${n}` },
    }),
    read: ({ name, nickname, preferences, shippingAddress }) =>
      common(numberIn(name), numberIn(nickname), preferences?.n ?? 0, numberIn(shippingAddress?.locality)),
  },
  'a sensitive field with a proof': {
    needsProof: true,
    patch: (n) => ({ name: `Name ${n}`, taxId: `DE${100_000_000 + n}` }),
    read: ({ name, taxId }) => {
      const n = numberIn(name);
      return (taxId?.masked.slice(-4) ?? '0000') === String(n).padStart(4, '0').slice(-4) ? n : undefined;
    },
  },
};

/** The kinds of change. The last one changes the password, which is read by verifying it. */
export const KINDS = [...Object.keys(PROFILE_CHANGES), 'the password'];

/** The initial password of every user. */
export const INITIAL_PASSWORD = passwordOf(0);

/**
 * A user of one kind. It writes 1, 2, 3, … and records what the stores may contain: the last acknowledged write, and every later one
 * with an unknown outcome. Each response that contradicts this is reported.
 */
export class ModelUser {
  /** The numbers that the stores may contain. */
  possible = new Set([0]);
  acknowledged = 0;
  /** The replica that a write was sent to, until its response arrives. */
  writingTo;
  /** When a write was first acknowledged after this was deleted. */
  acknowledgedAt;
  #sent = 0;

  /** @param client sends a request, and returns its status (undefined without a response), body, headers and replica */
  constructor({ id, token, kind }, client, report) {
    Object.assign(this, { id, token, kind });
    this.checksPassword = kind === 'the password' || PROFILE_CHANGES[kind].needsProof === true;
    this.send = (method, path, options) => client(this, method, path, options);
    this.report = (what, values) => report(`${id} (${kind}): ${what}: ${JSON.stringify(values)}`);
  }

  /** Writes the next number. */
  async write() {
    const known = this.kind === 'the password' ? await this.findPassword() : 0;
    if (known === undefined) return;
    const headers = {};
    if (PROFILE_CHANGES[this.kind]?.needsProof) {
      const proof = await this.send('POST', '/v1/password/verify', { body: { password: INITIAL_PASSWORD } });
      if (proof.status !== 201) return;
      headers['verification-id'] = proof.body.verificationId;
    }
    const n = ++this.#sent;
    // As soon as it is sent, a reader may see it.
    this.possible.add(n);
    const response = await this.sendChange(n, known, headers);
    const { status, body } = response;
    if (status === 200 || status === 204) {
      this.possible = new Set([n]);
      this.acknowledged += 1;
      this.acknowledgedAt ??= performance.now();
      if (status === 200 && this.numberIn(body) !== n)
        this.report('the response to a write shows another', { n, body });
    } else if (status !== undefined && body?.outcome !== 'unknown') {
      if (this.seen === n) this.report('a rejected write was read', { n, status, body });
      this.possible.delete(n);
      // An earlier change with an unknown outcome may have taken effect since the password was verified.
      const isExpected = status >= 500 || status === 429 || (this.kind === 'the password' && this.possible.size > 1);
      if (!isExpected) this.report('a write was rejected', { n, status, body });
    }
  }

  async sendChange(n, known, headers) {
    if (this.kind !== 'the password') {
      return this.send('PATCH', '/v1/profile', { body: PROFILE_CHANGES[this.kind].patch(n), headers, isWrite: true });
    }
    const body = {
      currentPassword: passwordOf(known),
      newPassword: passwordOf(n),
      signOutOtherSessions: false,
    };
    return this.send('PUT', '/v1/password', { body, isWrite: true });
  }

  /** Reads the profile and compares it with the model. */
  async read(headers = {}) {
    if (this.kind === 'the password') return (await this.findPassword()) !== undefined;
    const { status, body, headers: received } = await this.send('GET', '/v1/profile', { headers });
    if (status !== 200) return false;
    const n = this.numberIn(body);
    if (n === undefined) this.report('a read contains a part of a write', body);
    else if (!this.possible.has(n)) this.report('a read contains another write', { n, possible: [...this.possible] });
    // What was read once is not undone. A stale read says nothing about the present.
    else if (!received.get('warning')) this.see(n);
    return true;
  }

  see(n) {
    this.seen = n;
    for (const other of this.possible) if (other < n) this.possible.delete(other);
  }

  /** Which of the possible passwords is the present one; undefined if that cannot be found out now. */
  async findPassword() {
    if (this.possible.size === 1) return [...this.possible][0];
    // Twice, because a change may take effect between two checks.
    for (const n of [...this.possible, ...this.possible].reverse()) {
      const { status, body } = await this.send('POST', '/v1/password/verify', { body: { password: passwordOf(n) } });
      if (status === 201) {
        this.see(n);
        return n;
      }
      if (body?.code !== 'invalid_credentials') return undefined;
    }
    this.report('none of the possible passwords is correct', [...this.possible]);
    return undefined;
  }

  numberIn(document) {
    return PROFILE_CHANGES[this.kind].read(document);
  }
}

/**
 * Lets each user write and read until `stop` is called.
 * @param options `pauseMs`: the longest pause between two requests of a user
 */
export const startModel = ({ accounts, urls, seed, pauseMs }) => {
  const figures = { requests: 0, byStatus: {}, violations: [] };
  let stopped = false;

  const client = async (user, method, path, { body, headers = {}, isWrite = false }) => {
    const first = Math.floor(user.random() * urls.length);
    const request = {
      method,
      headers: {
        authorization: `Bearer ${user.token}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body && JSON.stringify(body),
    };
    for (let attempt = 0; attempt < urls.length; attempt += 1) {
      const url = urls[(first + attempt) % urls.length];
      if (isWrite) user.writingTo = url;
      const result = await send(`${url}${path}`, request);
      user.writingTo = undefined;
      figures.requests += 1;
      figures.byStatus[result.outcome] = (figures.byStatus[result.outcome] ?? 0) + 1;
      if (result.outcome !== 'refused') return result;
    }
    // No byte was sent: the same as a rejection.
    return { status: 503, body: {}, headers: new Headers() };
  };

  const report = (violation) => figures.violations.push(violation);
  const users = accounts.map((account, index) =>
    Object.assign(new ModelUser(account, client, report), { random: createRandom(seed + index) }),
  );
  const pause = (user, ms) => new Promise((resolve) => setTimeout(resolve, ms * user.random()));
  const run = async (user) => {
    while (!stopped) {
      if (user.random() < 0.7) await user.write();
      else await user.read(user.random() < 0.3 ? { 'cache-control': 'no-cache' } : {});
      await pause(user, pauseMs);
    }
  };
  const running = Promise.all(users.map(run));
  return {
    figures,
    users,
    async stop() {
      stopped = true;
      await running;
    },
  };
};

const send = async (url, request) => {
  try {
    const response = await fetch(url, request);
    const text = await response.text();
    const { status, headers } = response;
    return { outcome: status, status, headers, body: text ? JSON.parse(text) : undefined };
  } catch (error) {
    return { outcome: error.cause?.code === 'ECONNREFUSED' ? 'refused' : 'no response' };
  }
};
