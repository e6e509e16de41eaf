import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ifNoneMatch } from '../http/preconditions.js';

export interface StaticDocumentOptions {
  /** The media type. */
  readonly type: string;
  readonly cacheControl: string;
  /** Called once, at the first request; again only after it has thrown. */
  readonly render: () => string | Buffer;
}

/** A document that stays the same while the process runs: rendered once, then served from memory with a strong ETag. */
export class StaticDocument {
  private rendered?: { readonly body: Buffer; readonly etag: string };

  constructor(private readonly options: StaticDocumentOptions) {}

  /** Sends the document, or 304 when the client has it. */
  send(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { body, etag } = (this.rendered ??= this.render());
    reply.header('ETag', etag).header('Cache-Control', this.options.cacheControl);
    const known = request.headers['if-none-match'];
    if (known !== undefined && ifNoneMatch(known, etag)) return reply.status(304).send();
    return reply.type(this.options.type).send(body);
  }

  private render() {
    const body = Buffer.from(this.options.render());
    return { body, etag: `"${createHash('sha256').update(body).digest('base64url')}"` };
  }
}
