import type { OpenAPIObject } from '@nestjs/swagger';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Answer } from './harness.js';

type Node = Record<string, unknown>;

/** Holds answers against an OpenAPI document: documented status, media type, headers and body. */
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

  /** Throws an Error that says how the answer departs from the document. */
  check(method: string, path: string, answer: Answer): void {
    const what = `${method} ${path} -> ${answer.status}`;
    const { responses, at } = this.find(method, path) ?? {};
    if (!responses) return this.checkUnknown(what, answer);
    const [response, pointer] = this.resolve(responses[answer.status], `${at}/responses/${answer.status}`);
    if (!response) throw new Error(`${what} is not documented: ${JSON.stringify(answer.body)}`);
    const content = response.content as Record<string, { schema?: Node }> | undefined;
    const type = (answer.headers.get('content-type') ?? '').split(';')[0] as string;
    if (!content) {
      if (answer.body !== '') throw new Error(`${what} has a body, which is not documented`);
      return;
    }
    if (!content[type]) throw new Error(`${what} has the undocumented media type ${type}`);
    this.validate(`${what} ${type}`, `${pointer}/content/${escape(type)}/schema`, answer);
    if (type === 'application/problem+json') this.checkProblem(what, answer, content[type] as Node);
  }

  /** Outside the document only problems are answered: unknown paths and methods. */
  private checkUnknown(what: string, answer: Answer): void {
    if (![404, 405, 204].includes(answer.status)) throw new Error(`${what} is not documented`);
    if (answer.status !== 204) this.validate(what, '/components/schemas/Problem', answer);
  }

  private checkProblem(what: string, { status, headers, body }: Answer, content: Node): void {
    if (body.status !== status) throw new Error(`${what}: the problem says ${body.status}`);
    if (body.requestId !== headers.get('x-request-id')) throw new Error(`${what}: X-Request-Id is another`);
    const documented = Object.keys((content.examples ?? {}) as Node);
    if (!documented.includes(body.code)) throw new Error(`${what}: ${body.code} is not documented, only ${documented}`);
  }

  private validate(what: string, pointer: string, { body }: Answer): void {
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
