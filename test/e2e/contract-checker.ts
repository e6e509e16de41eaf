import type { OpenAPIObject } from '@nestjs/swagger';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { ApiResponse } from './harness.js';

type Node = Record<string, unknown>;

/** Checks responses against an OpenAPI document: status, media type and body. */
export class ContractChecker {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly paths: { pattern: RegExp; item: Node }[];

  constructor(private readonly document: OpenAPIObject) {
    formats.default(this.ajv);
    this.ajv.addSchema({ ...(document as unknown as Node), $id: 'openapi' });
    const byLength = Object.entries(document.paths).sort(([one], [other]) => variables(one) - variables(other));
    this.paths = byLength.map(([path, item]) => ({
      pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
      item: item as unknown as Node,
    }));
  }

  /** @throws Error that says how the response deviates from the document */
  check(method: string, path: string, response: ApiResponse): void {
    const what = `${method} ${path} -> ${response.status}`;
    const { responses, at } = this.find(method, path) ?? {};
    if (!responses) return this.checkUnknown(what, response);
    const [documented, pointer] = this.resolve(responses[response.status], `${at}/responses/${response.status}`);
    if (!documented) throw new Error(`${what} is not documented: ${JSON.stringify(response.body)}`);
    const content = documented.content as Record<string, { schema?: Node }> | undefined;
    const type = (response.headers.get('content-type') ?? '').split(';')[0] as string;
    if (!content) {
      if (response.body !== '') throw new Error(`${what} has a body, which is not documented`);
      return;
    }
    if (!content[type]) throw new Error(`${what} has the undocumented media type ${type}`);
    this.validate(`${what} ${type}`, `${pointer}/content/${escape(type)}/schema`, response);
    if (type === 'application/problem+json') this.checkProblem(what, response, content[type] as Node);
  }

  /** Undocumented paths and methods respond with a problem, except for CORS preflight requests. */
  private checkUnknown(what: string, response: ApiResponse): void {
    if (![404, 405, 204].includes(response.status)) throw new Error(`${what} is not documented`);
    if (response.status !== 204) this.validate(what, '/components/schemas/Problem', response);
  }

  private checkProblem(what: string, { status, headers, body }: ApiResponse, content: Node): void {
    if (body.status !== status) throw new Error(`${what}: the problem says ${body.status}`);
    if (body.requestId !== headers.get('x-request-id')) throw new Error(`${what}: X-Request-Id differs from requestId`);
    const codes = Object.keys((content.examples ?? {}) as Node);
    if (!codes.includes(body.code)) throw new Error(`${what}: ${body.code} is not documented, only ${codes}`);
  }

  private validate(what: string, pointer: string, { body }: ApiResponse): void {
    let validator = this.validators.get(pointer);
    if (!validator) {
      validator = this.ajv.compile({ $ref: `openapi#${encodeURI(pointer)}` });
      this.validators.set(pointer, validator);
    }
    if (validator(body)) return;
    throw new Error(`${what} breaks the contract: ${this.ajv.errorsText(validator.errors)}\n${JSON.stringify(body)}`);
  }

  private find(method: string, path: string): { responses: Record<string, Node>; at: string } | undefined {
    const plain = path.split('?')[0] as string;
    const found = this.paths.find(({ pattern }) => pattern.test(plain));
    const operation = found?.item[method === 'HEAD' ? 'get' : method.toLowerCase()] as Node | undefined;
    if (!found || !operation) return undefined;
    const name = Object.keys(this.document.paths).find((key) => (this.document.paths[key] as unknown) === found.item);
    const at = `/paths/${escape(name as string)}/${method.toLowerCase()}`;
    return { responses: operation.responses as Record<string, Node>, at };
  }

  private resolve(node: Node | undefined, pointer: string): [Node | undefined, string] {
    const reference = node?.$ref as string | undefined;
    if (!reference) return [node, pointer];
    const target = reference.slice(1);
    const steps = target.split('/').slice(1);
    const found = steps.reduce<unknown>((part, step) => (part as Node)[step], this.document);
    return this.resolve(found as Node, target);
  }
}

const variables = (path: string) => path.split('{').length;
const escape = (key: string) => key.replace(/~/g, '~0').replace(/\//g, '~1');
