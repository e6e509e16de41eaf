import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** Headers that a response with a status must have, beyond those that the document lists for every problem. */
const REQUIRED_HEADERS = { 401: ['www-authenticate'], 405: ['allow'], 429: ['retry-after'], 503: ['retry-after'] };
/** The statuses with which a server rejects what is not HTTP, or not a request of any operation. */
const OUTSIDE_OF_OPERATIONS = [400, 401, 403, 404, 405, 408, 413, 414, 415, 417, 429, 431, 505];

/** Compares responses with an OpenAPI document. */
export class Contract {
  #ajv = new Ajv2020({ strict: false });
  #validators = new Map();
  #document;

  constructor(document) {
    formats.default(this.#ajv);
    this.#document = document;
    this.#ajv.addSchema({ ...document, $id: 'openapi' });
  }

  /**
   * What is wrong with a response; undefined if nothing is.
   * @param operation `path` and `method` in the document; undefined for a request of no operation
   */
  findFault(operation, { status, headers, body }, method, isDryRun = false) {
    const missing = findMissingHeader(status, headers);
    if (missing) return missing;
    const type = (headers['content-type'] ?? '').split(';')[0].trim();
    if (!operation) return this.#findFaultOutside(status, type, headers, body, method);
    const pointer = `/paths/${escape(operation.path)}/${operation.method}/responses/${status}`;
    const [documented, at] = this.#resolve(operation.responses[status], pointer);
    if (!documented) return `${status} is not documented for this operation`;
    if (method === 'HEAD' || status === 304) return body.length === 0 ? undefined : 'a body is not allowed here';
    if (!documented.content) return body.length === 0 ? undefined : `${status} has a body, which is not documented`;
    if (!documented.content[type]) return `the media type ${type || 'none'} is not documented`;
    // A dry run has none: the document that it returns does not exist.
    if (documented.headers?.ETag && !isDryRun && headers.etag === undefined) return 'ETag is missing';
    const json = parseJson(body);
    if (json === undefined) return 'the body is not JSON';
    const codes = Object.keys(documented.content[type].examples ?? {});
    return (
      this.#validate(`${at}/content/${escape(type)}/schema`, json) ??
      (type === 'application/problem+json' ? findProblemFault(json, status, headers, codes) : undefined)
    );
  }

  #findFaultOutside(status, type, headers, body, method) {
    if (method === 'OPTIONS' && status === 204) return undefined;
    if (!OUTSIDE_OF_OPERATIONS.includes(status)) return `${status} is not allowed for a request of no operation`;
    if (method === 'HEAD') return undefined;
    if (type !== 'application/problem+json') return `the media type is ${type || 'none'}, and not a problem`;
    const json = parseJson(body);
    if (json === undefined) return 'the body is not JSON';
    return this.#validate('/components/schemas/Problem', json) ?? findProblemFault(json, status, headers);
  }

  #validate(pointer, json) {
    let validate = this.#validators.get(pointer);
    if (!validate) {
      validate = this.#ajv.compile({ $ref: `openapi#${encodeURI(pointer)}` });
      this.#validators.set(pointer, validate);
    }
    return validate(json) ? undefined : `the body breaks its schema: ${this.#ajv.errorsText(validate.errors)}`;
  }

  #resolve(node, pointer) {
    if (!node?.$ref) return [node, pointer];
    const target = node.$ref.slice(1);
    const found = target
      .split('/')
      .slice(1)
      .reduce((part, key) => part[key], this.#document);
    return this.#resolve(found, target);
  }
}

function findMissingHeader(status, headers) {
  const missing = (REQUIRED_HEADERS[status] ?? []).find((name) => headers[name] === undefined);
  return missing && `${status} has no ${missing}`;
}

function findProblemFault(json, status, headers, codes) {
  if (json.status !== status) return `the problem has the status ${json.status}`;
  if (json.requestId !== headers['x-request-id']) return 'X-Request-Id differs from requestId';
  if (codes && !codes.includes(json.code)) return `the code ${json.code} is not documented with ${status}`;
  return undefined;
}

function parseJson(body) {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

const escape = (key) => key.replace(/~/g, '~0').replace(/\//g, '~1');
