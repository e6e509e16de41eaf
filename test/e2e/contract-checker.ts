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
    const fixedPathsFirst = Object.entries(document.paths).sort(([a], [b]) => countParameters(a) - countParameters(b));
    this.paths = fixedPathsFirst.map(([path, item]) => ({
      pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
      item: item as unknown as Node,
    }));
  }

  /** Checks a response. @throws Error that describes how it deviates from the document */
  check(method: string, path: string, response: ApiResponse): void {
    const call = `${method} ${path} -> ${response.status}`;
    const { responses, pointer: operationPointer } = this.findOperation(method, path) ?? {};
    if (!responses) return this.checkUndocumented(call, response);
    const [documented, pointer] = this.resolveReference(
      responses[response.status],
      `${operationPointer}/responses/${response.status}`,
    );
    if (!documented) throw new Error(`${call} is not documented: ${JSON.stringify(response.body)}`);
    const content = documented.content as Record<string, { schema?: Node }> | undefined;
    const type = (response.headers.get('content-type') ?? '').split(';')[0] as string;
    if (!content) {
      if (response.body !== '') throw new Error(`${call} has a body, which is not documented`);
      return;
    }
    if (method === 'HEAD') return;
    if (!content[type]) throw new Error(`${call} has the undocumented media type ${type}`);
    this.validate(`${call} ${type}`, `${pointer}/content/${escape(type)}/schema`, response);
    if (type === 'application/problem+json') this.checkProblem(call, response, content[type] as Node);
  }

  /** Checks a response of an undocumented path or method: a problem, or the response to a CORS preflight request. */
  private checkUndocumented(call: string, response: ApiResponse): void {
    if (![404, 405, 204].includes(response.status)) throw new Error(`${call} is not documented`);
    if (response.status !== 204) this.validate(call, '/components/schemas/Problem', response);
  }

  private checkProblem(call: string, { status, headers, body }: ApiResponse, content: Node): void {
    if (body.status !== status) throw new Error(`${call}: the status of the problem is ${body.status}`);
    if (body.requestId !== headers.get('x-request-id')) throw new Error(`${call}: X-Request-Id differs from requestId`);
    const codes = Object.keys((content.examples ?? {}) as Node);
    if (!codes.includes(body.code)) throw new Error(`${call}: ${body.code} is not documented, only ${codes}`);
  }

  private validate(call: string, pointer: string, { body }: ApiResponse): void {
    let validator = this.validators.get(pointer);
    if (!validator) {
      validator = this.ajv.compile({ $ref: `openapi#${encodeURI(pointer)}` });
      this.validators.set(pointer, validator);
    }
    if (validator(body)) return;
    throw new Error(`${call} breaks the contract: ${this.ajv.errorsText(validator.errors)}\n${JSON.stringify(body)}`);
  }

  private findOperation(
    method: string,
    path: string,
  ): { responses: Record<string, Node>; pointer: string } | undefined {
    const pathname = path.split('?')[0] as string;
    const match = this.paths.find(({ pattern }) => pattern.test(pathname));
    const operation = match?.item[method === 'HEAD' ? 'get' : method.toLowerCase()] as Node | undefined;
    if (!match || !operation) return undefined;
    const name = Object.keys(this.document.paths).find((key) => (this.document.paths[key] as unknown) === match.item);
    const pointer = `/paths/${escape(name as string)}/${method.toLowerCase()}`;
    return { responses: operation.responses as Record<string, Node>, pointer };
  }

  private resolveReference(node: Node | undefined, pointer: string): [Node | undefined, string] {
    const reference = node?.$ref as string | undefined;
    if (!reference) return [node, pointer];
    const target = reference.slice(1);
    const keys = target.split('/').slice(1);
    const resolved = keys.reduce<unknown>((part, key) => (part as Node)[key], this.document);
    return this.resolveReference(resolved as Node, target);
  }
}

const countParameters = (path: string) => path.split('{').length;
const escape = (key: string) => key.replace(/~/g, '~0').replace(/\//g, '~1');
