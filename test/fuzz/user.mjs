import { createHmac } from 'node:crypto';
import { HttpConnection } from './http-connection.mjs';

export const PASSWORD = 'Str0ng-Passw0rd!x';
const CLIENT = 'profile-page';
const SCOPE = 'read write';
/** Tokens are issued in the future, so that a revocation in the same second does not concern them. */
const AHEAD_S = 2;

const now = () => Math.floor(Date.now() / 1_000);

/** A user at the development Logto, whose requests are sent one after the other, and what the responses have returned so far. */
export class FuzzUser {
  /** By operation: what its responses returned, for the requests that follow. */
  #state = { password: PASSWORD, identityProofs: [], addressProofs: [], usedProofs: [], etags: [], emails: 0, keys: 0 };
  #tokens = new Map();

  /**
   * @param id which no other user has had
   * @param batch determines the replica and the second factors of the user
   */
  constructor(world, id, batch) {
    this.world = world;
    this.id = id;
    this.number = parseInt(id.slice(1), 36);
    // One in three users proves the identity by a fresh sign-in only.
    this.hasFactor = batch % 3 === 0;
    /** The replica that receives the requests. */
    this.url = world.services[batch % world.services.length].url;
    this.connection = new HttpConnection(this.url);
  }

  async start() {
    const { logto, passwordHash } = this.world;
    const { number } = this;
    this.user = logto.tenant.addUser({
      id: this.id,
      username: this.id,
      primaryEmail: `${this.id}@example.com`,
      primaryPhone: `4477009${String(number % 100_000).padStart(5, '0')}`,
      passwordHash,
      profile: { givenName: 'Ann', address: { country: 'DE' } },
      customData: { newsletter: true, plan: 'pro', ofAnotherProgram: 1 },
      identities: { github: { userId: this.id }, google: { userId: this.id } },
      mfaVerifications: this.hasFactor ? [this.#factor('totp'), this.#factor('spare')] : [],
    });
    for (const uid of [`${this.id}-1`, `${this.id}-2`]) {
      const payload = {
        uid,
        accountId: this.id,
        loginTs: now(),
        exp: now() + 3_600,
        authorizations: { [CLIENT]: { sid: `sid-${uid}`, grantId: `grant-${uid}` } },
      };
      logto.tenant.oidc.upsert('Session', uid, payload, 3_600);
    }
    await this.#renewTokens();
    this.hint = await logto.issueToken(this.id, { kind: 'id', claims: { sid: `sid-${this.id}-1` } });
    this.logoutToken = await logto.issueToken(this.id, { kind: 'logout' });
  }

  /** Creates another connection, for a request at the same time. */
  createConnection() {
    return new HttpConnection(this.url);
  }

  stop() {
    this.connection.close();
    this.world.logto.tenant.deleteUser(this.id);
  }

  /** The state at Logto, without what an attempt may change. A cleared key of custom data may be null or missing. */
  snapshot() {
    const { tenant } = this.world.logto;
    const user = tenant.users.get(this.id);
    if (!user) return 'deleted';
    const { customData, ...rest } = user;
    const compared = { ...rest, updatedAt: undefined, lastSignInAt: undefined };
    const set = Object.entries(customData).filter(([, value]) => value !== null);
    const sessions = tenant.oidc.all('Session').filter(([, { payload }]) => payload.accountId === this.id);
    return JSON.stringify([compared, set.sort(), sessions.map(([uid]) => uid)]);
  }

  /** The bytes of a case, and how to send them. */
  encode(request) {
    if (request.kind === 'raw') {
      const bytes = Buffer.from(
        this.#fill(request.raw, (value) => value),
        'latin1',
      );
      return {
        bytes,
        method: request.raw.split(' ')[0],
        end: !request.raw.includes('\r\n\r\n'),
        isMayBeUnanswered: true,
      };
    }
    const { method, query = '', token, headers, contentType, transport } = request;
    this.#path = request.path;
    const path = this.#fill(request.path, encodeURIComponent) + query;
    const body = this.#encodeBody(request);
    const lines = [`${method} ${path} HTTP/1.1`, `Host: ${this.#fill('§host§')}`];
    const accessToken = this.tokenOf(token);
    if (accessToken !== undefined) lines.push(`Authorization: Bearer ${accessToken}`);
    for (const [name, value] of headers) {
      lines.push(`${name}: ${name === 'logto-signature-sha-256' ? this.#sign(value, body) : this.#fill(value)}`);
    }
    if (body && contentType) lines.push(`Content-Type: ${contentType}`);
    const isChunked = body && transport === 'chunked';
    if (isChunked) lines.push('Transfer-Encoding: chunked');
    else if (body) lines.push(`Content-Length: ${body.length + (transport === 'truncated' ? 7 : 0)}`);
    const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    const sent = isChunked ? chunks(body) : (body ?? Buffer.alloc(0));
    const isTruncated = body && transport === 'truncated';
    return {
      bytes: Buffer.concat([head, sent]),
      method,
      end: Boolean(isTruncated),
      isMayBeUnanswered: Boolean(isTruncated),
      path,
    };
  }

  #encodeBody({ body, operationId }) {
    if (body === undefined) return undefined;
    if (body.size) return Buffer.alloc(body.size, '"a":1,');
    if (body.latin1 !== undefined) return Buffer.from(body.latin1, 'latin1');
    this.#recipientText = body;
    const isForm = operationId === 'receiveBackChannelLogout';
    return Buffer.from(
      this.#fill(
        decodeIfForm(body, isForm),
        isForm ? encodeURIComponent : (value) => JSON.stringify(value).slice(1, -1),
      ),
    );
  }

  #path = '';
  #recipientText = '';

  #sign(value, body = Buffer.alloc(0)) {
    return value === '§signature§' ? createHmac('sha256', this.world.webhookKey).update(body).digest('hex') : value;
  }

  tokenOf(kind) {
    if (kind === 'none') return undefined;
    return this.#tokens.get(kind) ?? this.world.rejectedTokens.get(kind);
  }

  #fill(text, encode = (value) => value) {
    return text.replace(/§(\w+)§/g, (_all, name) => encode(this.#valueOf(name) ?? 'x'));
  }

  #valueOf(name) {
    const { password, identityProofs, addressProofs, usedProofs, etags, emails, keys, idToken } = this.#state;
    const { other, logto } = this.world;
    const user = logto.tenant.users.get(this.id) ?? this.user;
    const newEmail = `new${emails}.${this.id}@example.com`;
    const newPhone = `4478009${String(this.number % 100_000).padStart(5, '0')}`;
    switch (name) {
      case 'host':
        return new URL(this.url).host;
      case 'token':
        return this.tokenOf('valid');
      case 'now':
        return new Date().toISOString();
      case 'userId':
        return this.id;
      case 'password':
        return password;
      case 'newEmail':
        return newEmail;
      case 'newPhone':
        return newPhone;
      case 'newUsername':
        return `name_${emails}_${this.id}`;
      case 'ownEmail':
        return user.primaryEmail ?? undefined;
      case 'ownPhone':
        return user.primaryPhone ?? undefined;
      case 'otherEmail':
        return other.primaryEmail;
      case 'otherPhone':
        return other.primaryPhone;
      case 'otherUsername':
        return other.username;
      case 'code':
        return logto.lastCode(this.#recipient(user, newEmail, newPhone) ?? '');
      case 'idToken':
        return idToken;
      case 'hint':
        return this.hint;
      case 'logoutToken':
        return this.logoutToken;
      case 'proof':
        return identityProofs.at(-1);
      case 'addressProof':
        return addressProofs.at(-1);
      case 'usedProof':
        return usedProofs.at(-1);
      case 'otherProof':
        return this.world.otherProof;
      case 'etag':
        return etags.at(-1);
      case 'oldEtag':
        return etags.at(-2);
      case 'key':
        return `${this.id}-${keys}`;
      case 'id':
        return this.#path.startsWith('/v1/mfa-factors/') ? user.mfaVerifications.at(-1)?.id : `${this.id}-2`;
      default:
        return undefined;
    }
  }

  #recipient(user, newEmail, newPhone) {
    const text = this.#recipientText;
    if (text.includes('"primaryEmail"')) return user.primaryEmail;
    if (text.includes('"primaryPhone"')) return user.primaryPhone;
    if (text.includes('§ownPhone§')) return user.primaryPhone;
    if (text.includes('§ownEmail§')) return user.primaryEmail;
    return text.includes('"phone"') ? newPhone : newEmail;
  }

  /** Remembers what a response returned, and renews the access tokens if they were revoked. */
  async learn(request, { status, headers, body }) {
    const state = this.#state;
    if (headers.etag && headers.etag !== state.etags.at(-1)) state.etags.push(headers.etag);
    if (status === 401 && request.token === 'valid' && headers['retry-after']) await this.#renewTokens();
    if (status < 200 || status > 299) return;
    const json =
      body.length > 0 && request.path?.startsWith('/v1/') && request.method !== 'GET' ? JSON.parse(body) : {};
    if (json.verificationId) {
      const isAboutAddress =
        request.operationId === 'verifyVerificationCode' && !String(request.body).includes('"target"');
      const provesIdentity = !isAboutAddress && (!this.hasFactor || request.operationId === 'verifySignIn');
      (provesIdentity ? state.identityProofs : state.addressProofs).push(json.verificationId);
      if (request.operationId === 'verifySignIn') state.idToken = undefined;
    }
    if (json.nonce) {
      const claims = { nonce: json.nonce, auth_time: now() + AHEAD_S };
      state.idToken = await this.world.logto.issueToken(this.id, { kind: 'id', claims });
    }
    if (request.headers?.some(([name]) => name === 'Verification-Id') && !request.query) {
      // The change may have voided all others, too.
      state.usedProofs.push(...state.identityProofs.splice(0));
    }
    if (request.operationId === 'changePassword') state.password = this.#passwordIn(request.body) ?? state.password;
    if (request.method === 'PATCH') {
      state.keys += 1;
      if (/"primaryEmail"|"username"/.test(String(request.body))) state.emails += 1;
    }
  }

  #passwordIn(body) {
    try {
      return this.#fill(JSON.parse(body).newPassword);
    } catch {
      return undefined;
    }
  }

  async #renewTokens() {
    const issue = (options) =>
      this.world.logto.issueToken(this.id, {
        scope: SCOPE,
        ...options,
        claims: { iat: now() + AHEAD_S, ...options.claims },
      });
    const kinds = {
      valid: {},
      organization: { kind: 'organization' },
      impersonated: { claims: { act: { sub: 'support' } } },
      readOnly: { scope: 'read' },
      otherClient: { client: 'other-app' },
    };
    for (const [kind, options] of Object.entries(kinds)) this.#tokens.set(kind, await issue(options));
    this.#tokens.set('tampered', `${this.#tokens.get('valid').slice(0, -8)}AAAAAAAA`);
  }

  #factor(name) {
    return { id: `${this.id}-${name}`, type: 'Totp', createdAt: new Date().toISOString(), key: 'JBSWY3DPEHPK3PXP' };
  }
}

const decodeIfForm = (body, isForm) => (isForm ? decodeURIComponent(body.replaceAll('%zz', '')) : body);

function chunks(body) {
  const middle = body.length >> 1;
  const parts = [body.subarray(0, middle), body.subarray(middle)].filter(({ length }) => length > 0);
  const encoded = parts.flatMap((part) => [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
  return Buffer.concat([...encoded, Buffer.from('0\r\n\r\n')]);
}
