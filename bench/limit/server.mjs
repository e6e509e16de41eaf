// The limit to compare with: a bare Fastify route that returns one row of PostgreSQL by primary key.
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const app = Fastify();
app.get('/:id', async (request, reply) => {
  const { rows } = await pool.query({
    name: 'read',
    text: 'select document from bench_document where id = $1',
    values: [request.params.id],
  });
  return rows.length ? rows[0].document : reply.code(404).send();
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
process.send?.('ready');
