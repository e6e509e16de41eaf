import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { matchesEntityTag } from '../http/preconditions.js';

export interface StaticDocumentOptions {
  /** The media type. */
  readonly type: string;
  readonly cacheControl: string;
  /** Called at the first request, and again only if it threw. */
  readonly render: () => string | Buffer;
}

/** A document that does not change while the process runs: rendered once and served from memory with a strong ETag. */
export class StaticDocument {
  private rendered?: { readonly body: Buffer; readonly etag: string };

  constructor(private readonly options: StaticDocumentOptions) {}

  /** Sends the document, or 304 if the client has the current version. */
  send(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { body, etag } = (this.rendered ??= this.render());
    reply.header('ETag', etag).header('Cache-Control', this.options.cacheControl);
    const known = request.headers['if-none-match'];
    if (known !== undefined && matchesEntityTag(known, etag)) return reply.status(304).send();
    return reply.type(this.options.type).send(body);
  }

  private render() {
    const body = Buffer.from(this.options.render());
    return { body, etag: `"${createHash('sha256').update(body).digest('base64url')}"` };
  }
}
