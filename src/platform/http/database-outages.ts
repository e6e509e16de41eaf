import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { QueryError } from '../database/query-error.js';
import type { ProblemError } from '../errors/problem-error.js';
import { OutageLog } from '../resilience/outage-log.js';

declare module 'fastify' {
  interface FastifyReply {
    /** The error that the response reports; null if it reports none. */
    problem: ProblemError | null;
  }
}

/** Logs the start and the end of each outage of the database, as requests notice it. A line for each request would fill the log. */
export function logDatabaseOutages(fastify: FastifyInstance): void {
  const outages = new OutageLog(new Logger('Database'), 'The database');
  fastify.decorateReply('problem', null);
  fastify.addHook('onResponse', (request, reply, done) => {
    const { url } = request.routeOptions;
    const cause = reply.problem?.options.cause;
    // A database that accepts no writes fails some routes and not others.
    if (cause instanceof QueryError) outages.failed(`${request.method} ${url}`, cause.code ?? cause.message);
    else if (url?.startsWith('/v1/') && reply.statusCode < 400) outages.succeeded(`${request.method} ${url}`);
    done();
  });
}
